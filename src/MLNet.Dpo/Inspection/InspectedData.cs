using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Dpo.DataViews;

namespace MLNet.Dpo.Inspection;

/// <summary>The rows of a data view, as many as can be used, and what became of the others.</summary>
/// <param name="Rows">The rows that can be rendered.</param>
/// <param name="Unusable">What is wrong with the others, in their order.</param>
internal sealed record InspectedData(IReadOnlyList<InspectedRow> Rows, IReadOnlyList<string> Unusable)
{
    /// <summary>Reads and tokenizes every row.</summary>
    /// <exception cref="ArgumentException">A column is missing or of another type.</exception>
    /// <exception cref="PreferenceDataException">A file's record cannot be read at all.</exception>
    internal static InspectedData Read(IDataView data, RowTokenizer tokenizer, CancellationToken cancellation)
    {
        var columns = PreferenceColumns.Find(data.Schema, new InputColumnNames());
        if (!columns.HasResponses) throw PreferenceColumns.Missing($"{ColumnNames.Responses} (or {ColumnNames.Chosen} and {ColumnNames.Rejected})");
        DataViewSchema.Column? scoreColumn = columns.IsPair ? null : data.Schema.GetColumnOrNull(ColumnNames.Scores) ?? throw PreferenceColumns.Missing(ColumnNames.Scores);
        using var cursor = data.GetRowCursor([.. columns.All, .. scoreColumn is { } column ? [column] : Array.Empty<DataViewSchema.Column>()]);
        var read = columns.CreateReader(cursor);
        var scores = Scores(cursor, scoreColumn);
        var rows = new List<InspectedRow>();
        var unusable = new List<string>();
        while (cursor.MoveNext())
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                var row = read();
                var given = scores();
                if (given.Length != row.Responses.Count) throw new PreferenceDataException($"{row.Place} has {row.Responses.Count} responses and {given.Length} scores; give each response one score.");
                rows.Add(new InspectedRow(row, given, tokenizer.Tokenize(row)));
            }
            catch (PreferenceDataException e) when (e.File is null)
            {
                unusable.Add(e.Message);
            }
        }
        return new InspectedData(rows, unusable);
    }

    /// <summary>The keys of all prompts of a view.</summary>
    internal static HashSet<string> PromptKeys(IDataView data)
    {
        var columns = PreferenceColumns.Find(data.Schema, new InputColumnNames());
        using var cursor = data.GetRowCursor(columns.All);
        var read = columns.CreateReader(cursor);
        var keys = new HashSet<string>();
        while (cursor.MoveNext()) keys.Add(InspectedRow.KeyOf(InspectedRow.TextOf(read().Prompt, "user")));
        return keys;
    }

    private static Func<float[]> Scores(DataViewRow row, DataViewSchema.Column? column) => column switch
    {
        null => () => [1, 0],
        { Type: VectorDataViewType { ItemType: NumberDataViewType type } } when type == NumberDataViewType.Single => ColumnReader.Values<float>(row, column),
        { Type: var type } => throw new ArgumentException($"Column {ColumnNames.Scores} is {type}; expected a vector of Single."),
    };
}
