using Microsoft.ML;

namespace MLNet.Dpo.DataViews;

/// <summary>Columns that are computed from a row's other columns and stand after them.</summary>
internal abstract class RowMap
{
    private protected RowMap(DataViewSchema input, IReadOnlyList<DataViewSchema.DetachedColumn> added)
    {
        InputSchema = input;
        var builder = new DataViewSchema.Builder();
        builder.AddColumns(input);
        builder.AddColumns(added);
        OutputSchema = builder.ToSchema();
        AddedCount = added.Count;
    }

    internal DataViewSchema InputSchema { get; }

    /// <summary>The input's columns, then the added ones.</summary>
    internal DataViewSchema OutputSchema { get; }

    internal int AddedCount { get; }

    /// <summary>The input columns that the added ones are computed from.</summary>
    internal abstract IEnumerable<DataViewSchema.Column> Sources { get; }

    /// <summary>Getters of the added columns over a row.</summary>
    /// <param name="input">The row to read.</param>
    /// <param name="active">Which added columns are wanted; the others' entries are null.</param>
    internal abstract Delegate?[] CreateGetters(DataViewRow input, bool[] active);

    /// <summary>The input columns that the given output columns need.</summary>
    internal IReadOnlyList<DataViewSchema.Column> Dependencies(IEnumerable<DataViewSchema.Column> outputs)
    {
        var wanted = outputs.Select(c => c.Index).ToHashSet();
        var needed = InputSchema.Where(c => wanted.Contains(c.Index)).ToList();
        if (wanted.Any(index => index >= InputSchema.Count)) needed.AddRange(Sources.Where(s => !wanted.Contains(s.Index)));
        return needed;
    }

    /// <summary>Which added columns are among the given output columns.</summary>
    internal bool[] ActiveAdded(IEnumerable<DataViewSchema.Column> outputs)
    {
        var active = new bool[AddedCount];
        foreach (var column in outputs)
        {
            if (column.Index >= InputSchema.Count) active[column.Index - InputSchema.Count] = true;
        }
        return active;
    }
}
