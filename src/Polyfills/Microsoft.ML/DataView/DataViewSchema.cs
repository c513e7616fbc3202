using System.Collections;
using Microsoft.ML.Data;

namespace Microsoft.ML;

/// <summary>An immutable list of columns. A later column hides an earlier one of the same name.</summary>
public sealed partial class DataViewSchema : IReadOnlyList<DataViewSchema.Column>
{
    private readonly Column[] _columns;
    private readonly Dictionary<string, int> _indexByName;

    private DataViewSchema(Column[] columns)
    {
        _columns = columns;
        _indexByName = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var column in columns)
            _indexByName[column.Name] = column.Index;
    }

    /// <summary>The number of columns, hidden ones included.</summary>
    public int Count => _columns.Length;

    /// <summary>The column that is not hidden among those named <paramref name="name"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such column.</exception>
    public Column this[string name] => GetColumnOrNull(name) ?? throw new ArgumentOutOfRangeException(nameof(name), $"Column '{name}' not found");

    /// <summary>The column at a position.</summary>
    public Column this[int columnIndex] => (uint)columnIndex < (uint)_columns.Length
        ? _columns[columnIndex]
        : throw new ArgumentOutOfRangeException(nameof(columnIndex));

    /// <summary>The column that is not hidden among those named <paramref name="name"/>, or null.</summary>
    public Column? GetColumnOrNull(string name)
    {
        if (string.IsNullOrEmpty(name))
            throw new ArgumentNullException(nameof(name));
        return _indexByName.TryGetValue(name, out var index) ? _columns[index] : null;
    }

    /// <inheritdoc/>
    public IEnumerator<Column> GetEnumerator() => ((IEnumerable<Column>)_columns).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    public override string ToString() => $"{Count} columns";

    /// <summary>A column of a schema.</summary>
    public struct Column
    {
        internal Column(string name, int index, bool isHidden, DataViewType type, Annotations annotations)
        {
            Name = name;
            Index = index;
            IsHidden = isHidden;
            Type = type;
            Annotations = annotations ?? Annotations.Empty;
        }

        /// <summary>The column's name.</summary>
        public string Name { get; }

        /// <summary>The position in the schema.</summary>
        public int Index { get; }

        /// <summary>Whether a later column has the same name.</summary>
        public bool IsHidden { get; }

        /// <summary>The type of the values.</summary>
        public DataViewType Type { get; }

        /// <summary>Facts about the column, such as slot names.</summary>
        public Annotations Annotations { get; }

        /// <inheritdoc/>
        public override string ToString()
        {
            var kinds = Annotations == null || Annotations.Schema.Count == 0 ? "" : $" {{{Annotations}}}";
            return $"{Name}: {Type}{kinds}";
        }
    }

    /// <summary>A column without a place in a schema.</summary>
    public struct DetachedColumn
    {
        /// <summary>Describes a column to be added to a schema.</summary>
        public DetachedColumn(string name, DataViewType type, Annotations annotations = null)
        {
            if (string.IsNullOrEmpty(name))
                throw new ArgumentNullException(nameof(name));
            Name = name;
            Type = type ?? throw new ArgumentNullException(nameof(type));
            Annotations = annotations ?? Annotations.Empty;
        }

        /// <summary>Copies a column's description.</summary>
        public DetachedColumn(Column column)
            : this(column.Name, column.Type, column.Annotations)
        {
        }

        /// <summary>The column's name.</summary>
        public string Name { get; }

        /// <summary>The type of the values.</summary>
        public DataViewType Type { get; }

        /// <summary>Facts about the column.</summary>
        public Annotations Annotations { get; }
    }

    /// <summary>Collects columns into a schema.</summary>
    public sealed class Builder
    {
        private readonly List<DetachedColumn> _items = [];

        /// <summary>Adds one column.</summary>
        public void AddColumn(string name, DataViewType type, Annotations annotations = null) => _items.Add(new DetachedColumn(name, type, annotations));

        /// <summary>Adds the columns of another schema.</summary>
        public void AddColumns(IEnumerable<Column> source)
        {
            foreach (var column in source)
                AddColumn(column.Name, column.Type, column.Annotations);
        }

        /// <summary>Adds columns.</summary>
        public void AddColumns(IEnumerable<DetachedColumn> source)
        {
            foreach (var column in source)
                AddColumn(column.Name, column.Type, column.Annotations);
        }

        /// <summary>The schema of all columns added so far.</summary>
        public DataViewSchema ToSchema()
        {
            var last = new Dictionary<string, int>(StringComparer.Ordinal);
            for (var i = 0; i < _items.Count; i++)
                last[_items[i].Name] = i;
            return new DataViewSchema(_items.Select((item, i) => new Column(item.Name, i, last[item.Name] != i, item.Type, item.Annotations)).ToArray());
        }
    }
}
