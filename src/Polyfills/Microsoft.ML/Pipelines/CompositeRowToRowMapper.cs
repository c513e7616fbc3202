using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>Mappings of rows, one after the other.</summary>
internal sealed class CompositeRowToRowMapper : IRowToRowMapper, IDisposable
{
    private readonly IRowToRowMapper[] _mappers;
    private bool _disposed;

    public CompositeRowToRowMapper(DataViewSchema inputSchema, IRowToRowMapper[] mappers)
    {
        InputSchema = inputSchema;
        _mappers = mappers;
        OutputSchema = mappers.LastOrDefault()?.OutputSchema ?? inputSchema;
    }

    public DataViewSchema InputSchema { get; }

    public DataViewSchema OutputSchema { get; }

    public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns)
        => _mappers.Reverse().Aggregate(dependingColumns, (columns, mapper) => mapper.GetDependencies(columns));

    public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns)
    {
        Contracts.CheckValue(input, nameof(input));
        Contracts.CheckValue(activeColumns, nameof(activeColumns));
        Contracts.CheckParam(input.Schema == InputSchema, nameof(input), "Schema did not match original schema");

        var active = activeColumns.Select(c => c.Index).ToHashSet();
        var needed = new IEnumerable<DataViewSchema.Column>[_mappers.Length + 1];
        needed[^1] = OutputSchema.Where(c => active.Contains(c.Index)).ToArray();
        for (var i = _mappers.Length - 1; i >= 0; i--)
            needed[i] = _mappers[i].GetDependencies(needed[i + 1]).ToArray();
        foreach (var column in needed[0])
            Contracts.CheckParam(input.IsColumnActive(column), nameof(input), $"Mapper required column '{column.Name}' active but it was not.");

        return _mappers.Select((mapper, i) => (mapper, columns: needed[i + 1])).Aggregate(input, (row, step) => step.mapper.GetRow(row, step.columns));
    }

    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        foreach (var mapper in _mappers)
            (mapper as IDisposable)?.Dispose();
    }
}
