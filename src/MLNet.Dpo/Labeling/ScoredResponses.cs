using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Dpo.DataViews;

namespace MLNet.Dpo.Labeling;

/// <summary>A row of which pairs are built.</summary>
/// <param name="Row">What it says.</param>
/// <param name="Scores">The score of each; NaN where it has none.</param>
/// <param name="Sources">Where each is from; empty where rows do not say.</param>
/// <param name="OwnRejected">Rejected answers of the user's own.</param>
/// <param name="LmLossMasks">Which responses the language-model loss takes, 1 or 0 each; empty where rows do not say.</param>
internal sealed record ScoredResponses(PreferenceRow Row, float[] Scores, string[] Sources, string[] OwnRejected, float[] LmLossMasks)
{
    internal string Place => Row.Place;

    internal ChatText Prompt => Row.Prompt;

    internal IReadOnlyList<ChatText> Responses => Row.Responses;

    internal string[] SourcesOf(params int[] responses) => Sources.Length == 0 ? [] : [.. responses.Select(i => Sources[i])];

    /// <summary>The mask of each of some responses; empty where the row has none.</summary>
    internal float[] MasksOf(params int[] responses) => LmLossMasks.Length == 0 ? [] : [.. responses.Select(i => LmLossMasks[i])];

    /// <summary>Reads rows with the columns that the options name.</summary>
    internal static IEnumerable<ScoredResponses> Read(IDataView scored, PairOptions options)
    {
        var columns = PreferenceColumns.Find(scored.Schema, new InputColumnNames());
        if (!columns.HasResponses) throw PreferenceColumns.Missing(ColumnNames.Responses);
        DataViewSchema.Column? scores = columns.IsPair && scored.Schema.GetColumnOrNull(ColumnNames.Scores) is null ? null : ScoreColumn.Find(scored.Schema, ColumnNames.Scores);
        DataViewSchema.Column? sources = SourcesColumn(scored.Schema, options);
        DataViewSchema.Column? own = options.RejectedColumnName is { } name ? TextColumn(scored.Schema, name) : null;
        DataViewSchema.Column? masks = scored.Schema.GetColumnOrNull(ColumnNames.LmLossMasks);
        DataViewSchema.Column?[] wanted = [scores, sources, own, masks];
        using var cursor = scored.GetRowCursor(columns.All.Concat(wanted.Where(c => c is not null).Select(c => c!.Value)).DistinctBy(c => c.Index));
        var read = columns.CreateReader(cursor);
        Func<float[]> readScores = scores is { } column ? ColumnReader.Values<float>(cursor, column) : () => [1, 0];
        var (readSources, readOwn) = (Texts(cursor, sources), Texts(cursor, own));
        var readMasks = ColumnReader.Values<float>(cursor, masks);
        while (cursor.MoveNext())
        {
            yield return Checked(new ScoredResponses(read(), readScores(), readSources(), readOwn(), readMasks()), options, sources is not null);
        }
    }

    private static ScoredResponses Checked(ScoredResponses row, PairOptions options, bool hasSources)
    {
        if (row.Scores.Length != row.Responses.Count)
            throw new PreferenceDataException($"{row.Place} has {row.Responses.Count} responses and {row.Scores.Length} scores; give each response one.");
        if (row.LmLossMasks.Length != 0 && row.LmLossMasks.Length != row.Responses.Count)
            throw new PreferenceDataException($"{row.Place} has {row.Responses.Count} responses and {row.LmLossMasks.Length} {ColumnNames.LmLossMasks}; give each response one, or none.");
        // A row of a file that was joined with others may say nothing of sources.
        if (hasSources && row.Sources.Length != row.Responses.Count && (options.NeedsSources || row.Sources.Length > 0))
            throw new PreferenceDataException($"{row.Place} has {row.Responses.Count} responses and {row.Sources.Length} {options.SourcesColumnName}; give each response one.");
        return row;
    }

    private static DataViewSchema.Column? SourcesColumn(DataViewSchema schema, PairOptions options)
    {
        if (schema.GetColumnOrNull(options.SourcesColumnName) is null && !options.NeedsSources) return null;
        var column = TextColumn(schema, options.SourcesColumnName);
        return column.Type is VectorDataViewType ? column : throw new ArgumentException($"Column {column.Name} is {column.Type}; expected a vector of text, a source for each response.");
    }

    private static DataViewSchema.Column TextColumn(DataViewSchema schema, string name)
    {
        var column = schema.GetColumnOrNull(name) ?? throw new ArgumentException($"Column {name} is missing; PairOptions names it.");
        var item = column.Type is VectorDataViewType vector ? vector.ItemType : column.Type;
        return item is TextDataViewType ? column : throw new ArgumentException($"Column {name} is {column.Type}; expected text.");
    }

    private static Func<string[]> Texts(DataViewRow row, DataViewSchema.Column? column)
    {
        if (column is null or { Type: VectorDataViewType }) return ColumnReader.Texts(row, column);
        var single = ColumnReader.Text(row, column);
        return () => [single()];
    }
}
