using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.Dpo.DataViews;

/// <summary>The columns of token ids in a schema, found by name and checked by type.</summary>
internal sealed record TokenColumns(DataViewSchema.Column Prompt, DataViewSchema.Column? Responses, DataViewSchema.Column? Lengths, DataViewSchema.Column? Scores)
{
    internal IEnumerable<DataViewSchema.Column> All =>
        new[] { Prompt, Responses, Lengths, Scores }.Where(c => c.HasValue).Select(c => c!.Value);

    /// <summary>Finds the columns of a row with responses.</summary>
    internal static TokenColumns Find(DataViewSchema schema, bool needsScores)
    {
        var columns = FindOptional(schema);
        if (columns.Responses is null || columns.Lengths is null) throw Missing(ColumnNames.ResponseTokens);
        if (needsScores && columns.Scores is null) throw Missing(ColumnNames.Scores);
        return columns;
    }

    /// <summary>Finds the columns of a row that may have only a prompt.</summary>
    internal static TokenColumns FindOptional(DataViewSchema schema) => new(
        Column(schema, ColumnNames.PromptTokens, NumberDataViewType.Int32) ?? throw Missing(ColumnNames.PromptTokens),
        Column(schema, ColumnNames.ResponseTokens, NumberDataViewType.Int32),
        Column(schema, ColumnNames.ResponseLengths, NumberDataViewType.Int32),
        Column(schema, ColumnNames.Scores, NumberDataViewType.Single));

    /// <summary>A function that gives the token ids and scores of a cursor's current row.</summary>
    internal Func<TokenizedRow> CreateReader(DataViewRow row)
    {
        var prompt = Getter<int>(row, Prompt);
        var responses = Responses is { } r && row.IsColumnActive(r) ? Getter<int>(row, r) : () => [];
        var lengths = Lengths is { } l && row.IsColumnActive(l) ? Getter<int>(row, l) : () => [];
        var scores = Scores is { } s && row.IsColumnActive(s) ? Getter<float>(row, s) : () => [];
        return () => new TokenizedRow(new TokenizedGroup(prompt(), Split(responses(), lengths())), scores());
    }

    private static Func<T[]> Getter<T>(DataViewRow row, DataViewSchema.Column column)
    {
        var getter = row.GetGetter<VBuffer<T>>(column);
        var buffer = default(VBuffer<T>);
        return () =>
        {
            getter(ref buffer);
            return [.. buffer.DenseValues()];
        };
    }

    private static int[][] Split(int[] tokens, int[] lengths)
    {
        var responses = new int[lengths.Length][];
        var start = 0;
        for (var i = 0; i < lengths.Length; i++)
        {
            responses[i] = tokens[start..(start + lengths[i])];
            start += lengths[i];
        }
        return responses;
    }

    private static DataViewSchema.Column? Column(DataViewSchema schema, string name, DataViewType item)
    {
        if (schema.GetColumnOrNull(name) is not { } column) return null;
        if (column.Type is VectorDataViewType vector && vector.ItemType.Equals(item)) return column;
        throw new ArgumentException($"Column {name} is {column.Type}; expected a vector of {item}. Make it with ml.Preferences.Tokenize(...).");
    }

    private static ArgumentException Missing(string name) =>
        new($"Column {name} is missing; append the trainer to ml.Preferences.Tokenize(...), on data with prompts and responses.");
}
