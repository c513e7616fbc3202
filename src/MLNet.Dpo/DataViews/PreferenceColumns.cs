using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.Dpo.DataViews;

/// <summary>The text columns of preference data in a schema: Prompt with Responses, with Chosen and Rejected, or alone.</summary>
internal sealed record PreferenceColumns(DataViewSchema.Column Prompt, DataViewSchema.Column? Responses, DataViewSchema.Column? Chosen, DataViewSchema.Column? Rejected)
{
    internal bool HasResponses => Responses is not null || IsPair;

    /// <summary>Whether the row has one column for each response of a pair.</summary>
    internal bool IsPair => Responses is null && Chosen is not null && Rejected is not null;

    internal IEnumerable<DataViewSchema.Column> All =>
        new[] { Prompt, Responses, IsPair ? Chosen : null, IsPair ? Rejected : null }.Where(c => c.HasValue).Select(c => c!.Value);

    internal static PreferenceColumns Find(DataViewSchema schema)
    {
        var text = TextDataViewType.Instance;
        var prompt = Column(schema, ColumnNames.Prompt, text) ?? throw Missing(ColumnNames.Prompt);
        var columns = new PreferenceColumns(prompt, Vector(schema), Column(schema, ColumnNames.Chosen, text), Column(schema, ColumnNames.Rejected, text));
        if (columns.Responses is null && (columns.Chosen is null) != (columns.Rejected is null))
            throw Missing(columns.Chosen is null ? ColumnNames.Chosen : ColumnNames.Rejected);
        return columns;
    }

    internal static ArgumentException Missing(string name) =>
        new($"Column {name} is missing; expected Prompt with Responses and Scores (ml.Preferences.Load), or Prompt, Chosen and Rejected, or Prompt alone for generation.");

    /// <summary>A function that gives a row's prompt.</summary>
    internal Func<string> PromptReader(DataViewRow row) => Text(row, Prompt);

    /// <summary>A function that gives a row's responses, empty where there are none.</summary>
    internal Func<string[]> ResponseReader(DataViewRow row)
    {
        if (IsPair)
        {
            var (chosen, rejected) = (Text(row, Chosen!.Value), Text(row, Rejected!.Value));
            return () => [chosen(), rejected()];
        }
        if (Responses is not { } column) return () => [];
        var getter = row.GetGetter<VBuffer<ReadOnlyMemory<char>>>(column);
        var buffer = default(VBuffer<ReadOnlyMemory<char>>);
        return () =>
        {
            getter(ref buffer);
            return [.. buffer.DenseValues().Select(text => text.ToString())];
        };
    }

    private static Func<string> Text(DataViewRow row, DataViewSchema.Column column)
    {
        var getter = row.GetGetter<ReadOnlyMemory<char>>(column);
        return () =>
        {
            var value = default(ReadOnlyMemory<char>);
            getter(ref value);
            return value.ToString();
        };
    }

    private static DataViewSchema.Column? Column(DataViewSchema schema, string name, DataViewType type)
    {
        if (schema.GetColumnOrNull(name) is not { } column) return null;
        return column.Type.Equals(type) ? column : throw new ArgumentException($"Column {name} is {column.Type}; expected {type}.");
    }

    private static DataViewSchema.Column? Vector(DataViewSchema schema)
    {
        if (schema.GetColumnOrNull(ColumnNames.Responses) is not { } column) return null;
        return column.Type is VectorDataViewType { ItemType: TextDataViewType }
            ? column
            : throw new ArgumentException($"Column {ColumnNames.Responses} is {column.Type}; expected a vector of text.");
    }
}
