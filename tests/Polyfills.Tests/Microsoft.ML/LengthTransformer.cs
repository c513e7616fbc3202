using Microsoft.ML;
using Microsoft.ML.Data;

namespace Polyfills.Tests.MicrosoftML;

/// <summary>Adds the length of a text column, and counts how often it is computed.</summary>
public sealed class LengthTransformer(string input, string output) : ITransformer, IDisposable
{
    public int Computed { get; private set; }

    public bool Disposed { get; private set; }

    public bool IsRowToRowMapper { get; init; } = true;

    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema)
    {
        if (inputSchema.GetColumnOrNull(input)?.Type != TextDataViewType.Instance)
            throw new ArgumentOutOfRangeException(nameof(inputSchema), $"No text column '{input}'");
        var builder = new DataViewSchema.Builder();
        builder.AddColumns(inputSchema);
        builder.AddColumn(output, NumberDataViewType.Int32);
        return builder.ToSchema();
    }

    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => new Mapper(this, inputSchema);

    public IDataView Transform(IDataView data) => new View(this, data);

    public void Dispose() => Disposed = true;

    void ICanSaveModel.Save(ModelSaveContext ctx) => throw new NotSupportedException("Outsiders cannot write models.");

    private ValueGetter<int> CreateGetter(DataViewRow row)
    {
        var text = row.GetGetter<ReadOnlyMemory<char>>(row.Schema[input]);
        ReadOnlyMemory<char> value = default;
        return (ref int dst) =>
        {
            text(ref value);
            Computed++;
            dst = value.Length;
        };
    }

    private static IEnumerable<DataViewSchema.Column> Needed(string input, DataViewSchema inputSchema, IEnumerable<DataViewSchema.Column> outputs)
    {
        var wanted = outputs.Select(c => c.Index).ToHashSet();
        return inputSchema.Where(c => wanted.Contains(c.Index) || (wanted.Contains(inputSchema.Count) && c.Name == input));
    }

    private sealed class Mapper(LengthTransformer parent, DataViewSchema inputSchema) : IRowToRowMapper
    {
        private readonly string _input = parent.InputName;

        public DataViewSchema InputSchema { get; } = inputSchema;

        public DataViewSchema OutputSchema { get; } = parent.GetOutputSchema(inputSchema);

        public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns) => Needed(_input, InputSchema, dependingColumns);

        public DataViewRow GetRow(DataViewRow row, IEnumerable<DataViewSchema.Column> activeColumns)
            => new Row(parent, row, OutputSchema, activeColumns.Any(c => c.Index == InputSchema.Count));
    }

    private string InputName => input;

    private sealed class Row(LengthTransformer parent, DataViewRow row, DataViewSchema schema, bool isActive) : DataViewRow
    {
        private readonly ValueGetter<int>? _length = isActive ? parent.CreateGetter(row) : null;

        public override DataViewSchema Schema => schema;

        public override long Position => row.Position;

        public override long Batch => row.Batch;

        public override ValueGetter<DataViewRowId> GetIdGetter() => row.GetIdGetter();

        public override bool IsColumnActive(DataViewSchema.Column column)
            => column.Index < row.Schema.Count ? row.IsColumnActive(row.Schema[column.Index]) : isActive;

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
            => column.Index < row.Schema.Count ? row.GetGetter<TValue>(row.Schema[column.Index]) : (ValueGetter<TValue>)(Delegate)_length!;
    }

    private sealed class View(LengthTransformer parent, IDataView source) : IDataView
    {
        public bool CanShuffle => source.CanShuffle;

        public DataViewSchema Schema { get; } = parent.GetOutputSchema(source.Schema);

        public long? GetRowCount() => source.GetRowCount();

        public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
        {
            var needed = columnsNeeded.ToArray();
            var cursor = source.GetRowCursor(Needed(parent.InputName, source.Schema, needed), rand);
            return new Cursor(cursor, new Row(parent, cursor, Schema, needed.Any(c => c.Index == source.Schema.Count)));
        }

        public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) => [GetRowCursor(columnsNeeded, rand)];
    }

    private sealed class Cursor(DataViewRowCursor input, Row row) : DataViewRowCursor
    {
        public override DataViewSchema Schema => row.Schema;

        public override long Position => row.Position;

        public override long Batch => row.Batch;

        public override bool MoveNext() => input.MoveNext();

        public override ValueGetter<DataViewRowId> GetIdGetter() => row.GetIdGetter();

        public override bool IsColumnActive(DataViewSchema.Column column) => row.IsColumnActive(column);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => row.GetGetter<TValue>(column);

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                input.Dispose();
        }
    }
}

/// <summary>Gives a <see cref="LengthTransformer"/>, and remembers what it was fitted to.</summary>
public sealed class LengthEstimator(string input, string output) : IEstimator<LengthTransformer>
{
    public IDataView? FittedTo { get; private set; }

    public int RowsSeen { get; private set; }

    public LengthTransformer Fit(IDataView data)
    {
        FittedTo = data;
        RowsSeen = data.Column<ReadOnlyMemory<char>>(input).Count;
        return new LengthTransformer(input, output);
    }

    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
        => inputSchema.Any(c => c.Name == input) ? inputSchema : throw new ArgumentOutOfRangeException(nameof(inputSchema), $"No column '{input}'");
}
