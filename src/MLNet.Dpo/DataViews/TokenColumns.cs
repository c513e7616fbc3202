using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.Dpo.DataViews;

/// <summary>The columns of token ids in a schema, found by name and checked by type.</summary>
internal sealed record TokenColumns(
    DataViewSchema.Column Prompt, DataViewSchema.Column? Responses, DataViewSchema.Column? Lengths, DataViewSchema.Column? Scores, DataViewSchema.Column? PromptIsPrefix)
{
    /// <summary>The weights of the prompt's tokens in the language-model loss; null where they are not asked for, or no row has any.</summary>
    internal DataViewSchema.Column? PromptWeights { get; init; }

    /// <summary>Which responses the language-model loss learns; null as above.</summary>
    internal DataViewSchema.Column? LmLossMasks { get; init; }

    internal IEnumerable<DataViewSchema.Column> All =>
        new[] { Prompt, Responses, Lengths, Scores, PromptIsPrefix, PromptWeights, LmLossMasks }.Where(c => c.HasValue).Select(c => c!.Value);

    /// <summary>Finds the columns of a row with responses.</summary>
    internal static TokenColumns Find(DataViewSchema schema, bool needsScores, bool withLmWeights = false)
    {
        var columns = FindOptional(schema);
        if (columns.Responses is null || columns.Lengths is null) throw Missing(ColumnNames.ResponseTokens);
        if (needsScores && columns.Scores is null) throw Missing(ColumnNames.Scores);
        return !withLmWeights ? columns : columns with
        {
            PromptWeights = Column(schema, ColumnNames.PromptWeights, NumberDataViewType.Single),
            LmLossMasks = Column(schema, ColumnNames.LmLossMasks, NumberDataViewType.Single),
        };
    }

    /// <summary>Finds the columns of a row that may have only a prompt.</summary>
    internal static TokenColumns FindOptional(DataViewSchema schema) => new(
        Column(schema, ColumnNames.PromptTokens, NumberDataViewType.Int32) ?? throw Missing(ColumnNames.PromptTokens),
        Column(schema, ColumnNames.ResponseTokens, NumberDataViewType.Int32),
        Column(schema, ColumnNames.ResponseLengths, NumberDataViewType.Int32),
        Column(schema, ColumnNames.Scores, NumberDataViewType.Single),
        schema.GetColumnOrNull(ColumnNames.PromptIsPrefix) is { Type: BooleanDataViewType } prefix ? prefix : null);

    /// <summary>A function that gives the token ids and scores of a cursor's current row.</summary>
    internal Func<TokenizedRow> CreateReader(DataViewRow row)
    {
        var prompt = ColumnReader.Values<int>(row, Prompt);
        var responses = Responses is { } r && row.IsColumnActive(r) ? ColumnReader.Values<int>(row, r) : () => [];
        var lengths = Lengths is { } l && row.IsColumnActive(l) ? ColumnReader.Values<int>(row, l) : () => [];
        var scores = Scores is { } s && row.IsColumnActive(s) ? ColumnReader.Values<float>(row, s) : () => [];
        var weights = PromptWeights is { } w && row.IsColumnActive(w) ? ColumnReader.Values<float>(row, w) : () => [];
        var masks = LmLossMasks is { } m && row.IsColumnActive(m) ? ColumnReader.Values<float>(row, m) : () => [];
        var isPrefix = PromptIsPrefix is { } p && row.IsColumnActive(p) ? row.GetGetter<bool>(p) : (ref bool value) => value = true;
        return () =>
        {
            var prefix = true;
            isPrefix(ref prefix);
            return new TokenizedRow(new TokenizedGroup(prompt(), Split(row, responses(), lengths())) { PromptIsPrefix = prefix }, scores()) { PromptWeights = weights(), LmLossMasks = masks() };
        };
    }

    private static int[][] Split(DataViewRow row, int[] tokens, int[] lengths)
    {
        if (lengths.Any(length => length < 0) || lengths.Sum(length => (long)length) != tokens.Length)
        {
            throw new PreferenceDataException(
                $"Row {row.Position}: {ColumnNames.ResponseLengths} has {lengths.Length} lengths of together {lengths.Sum(length => (long)length)}, and {ColumnNames.ResponseTokens} {tokens.Length} tokens; give the length of each response, 0 or more, so that they add up.");
        }
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
