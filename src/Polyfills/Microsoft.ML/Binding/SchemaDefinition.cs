using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>How the members of a row class become columns.</summary>
public sealed class SchemaDefinition : List<SchemaDefinition.Column>
{
    private SchemaDefinition()
    {
    }

    /// <summary>The column of a name, or null.</summary>
    public Column this[string columnName]
    {
        get => this.FirstOrDefault(c => c.ColumnName == columnName);
        set
        {
            Contracts.CheckValue(value, nameof(value));
            Contracts.CheckParam(value.ColumnName == columnName, nameof(columnName),
                $"The column name is specified as '{value.ColumnName}' but must match the selector '{columnName}'.");
            var index = FindIndex(c => c.ColumnName == columnName);
            if (index >= 0)
                this[index] = value;
            else
                Add(value);
        }
    }

    /// <summary>The columns that a class's public fields and properties describe.</summary>
    public static SchemaDefinition Create(Type userType, Direction direction = Direction.Both)
    {
        Contracts.CheckValue(userType, nameof(userType));
        var definition = new SchemaDefinition();
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var member in RowMember.FindAll(userType, direction))
        {
            Contracts.CheckParam(names.Add(member.ColumnName), nameof(userType), $"Duplicate column name '{member.ColumnName}' detected, this is disallowed");
            definition.Add(new Column(member.Name, member.DescribedType(), member.ColumnName));
        }
        return definition;
    }

    /// <summary>Whether columns are read from members, written to them, or both.</summary>
    [Flags]
    public enum Direction
    {
        /// <summary>Members that can be read.</summary>
        Read = 1,

        /// <summary>Members that can be written.</summary>
        Write = 2,

        /// <summary>Members that can be read or written.</summary>
        Both = Read | Write,
    }

    /// <summary>How one member becomes a column.</summary>
    public sealed class Column
    {
        private readonly DataViewSchema.Annotations.Builder _annotations = new();
        private readonly HashSet<string> _annotationKinds = [];

        internal Column(string memberName, DataViewType columnType, string columnName = null)
        {
            Contracts.CheckNonEmpty(memberName, nameof(memberName));
            MemberName = memberName;
            ColumnName = columnName ?? memberName;
            ColumnType = columnType;
        }

        /// <summary>The member's name.</summary>
        public string MemberName { get; }

        /// <summary>The column's name.</summary>
        public string ColumnName { get; set; }

        /// <summary>The column's type.</summary>
        public DataViewType ColumnType { get; set; }

        /// <summary>Facts about the column.</summary>
        public DataViewSchema.Annotations Annotations => _annotations.ToAnnotations();

        /// <summary>Adds a fact.</summary>
        public void AddAnnotation<T>(string kind, T value, DataViewType annotationType)
        {
            Contracts.CheckValue(kind, nameof(kind));
            Contracts.CheckValue(annotationType, nameof(annotationType));
            Contracts.Check(_annotationKinds.Add(kind), "Column already contains an annotation of this kind.");
            _annotations.Add(kind, annotationType, (ref T dst) => dst = value);
        }

        internal void AddAnnotations(DataViewSchema.Annotations annotations)
            => _annotations.Add(annotations, _annotationKinds.Add);
    }
}
