using System.Text.Json.Nodes;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.Dpo.DataViews;

/// <summary>The text columns of preference data in a schema: Prompt, Messages or both, with Responses, ResponseMessages or both, with Chosen and Rejected, or alone.</summary>
internal sealed record PreferenceColumns
{
    private readonly InputColumnNames _names;

    private PreferenceColumns(DataViewSchema schema, InputColumnNames names)
    {
        _names = names;
        var (text, texts) = (TextDataViewType.Instance, "a vector of text");
        Prompt = Column(schema, names.Prompt, text);
        Messages = Column(schema, names.Messages, text);
        Responses = Vector(schema, names.Responses, text, texts);
        ResponseMessages = Vector(schema, names.ResponseMessages, text, texts);
        Chosen = Column(schema, names.Chosen, text);
        Rejected = Column(schema, names.Rejected, text);
        Tools = Column(schema, names.Tools, text);
        Arguments = Column(schema, names.ChatTemplateArguments, text);
        LossWeights = Vector(schema, ColumnNames.LossWeights, NumberDataViewType.Single, "a vector of Single");
        Record = schema.GetColumnOrNull(ColumnNames.SourceRecord) is { } record && record.Type.Equals(text) ? record : null;
        Scores = names.Scores == ColumnNames.Scores ? null : Vector(schema, names.Scores, NumberDataViewType.Single, "a vector of Single");
    }

    internal DataViewSchema.Column? Prompt { get; }

    internal DataViewSchema.Column? Messages { get; }

    internal DataViewSchema.Column? Responses { get; }

    internal DataViewSchema.Column? ResponseMessages { get; }

    internal DataViewSchema.Column? Chosen { get; }

    internal DataViewSchema.Column? Rejected { get; }

    /// <summary>The scores, where they have another name than everywhere else; otherwise null.</summary>
    internal DataViewSchema.Column? Scores { get; }

    /// <summary>The tools; null where no row has any.</summary>
    internal DataViewSchema.Column? Tools { get; }

    /// <summary>Further variables of the chat template; null where no row has any.</summary>
    internal DataViewSchema.Column? Arguments { get; }

    /// <summary>The weights of the prompt's messages; null where no row has any.</summary>
    internal DataViewSchema.Column? LossWeights { get; }

    /// <summary>Where a row was read, which errors say; null where that is not known.</summary>
    internal DataViewSchema.Column? Record { get; }

    /// <summary>Whether the row has one column for each response of a pair.</summary>
    internal bool IsPair => Responses is null && ResponseMessages is null && Chosen is not null && Rejected is not null;

    internal bool HasResponses => Responses is not null || ResponseMessages is not null || IsPair;

    internal IEnumerable<DataViewSchema.Column> All =>
        new[] { Prompt, Messages, Responses, ResponseMessages, IsPair ? Chosen : null, IsPair ? Rejected : null, Scores, Tools, Arguments, LossWeights, Record }.Where(c => c.HasValue).Select(c => c!.Value);

    internal static PreferenceColumns Find(DataViewSchema schema, InputColumnNames names)
    {
        var columns = new PreferenceColumns(schema, names);
        if (columns.Prompt is null && columns.Messages is null) throw Missing($"{names.Prompt} or {names.Messages}");
        if (columns.Responses is null && columns.ResponseMessages is null && columns.Chosen is null != columns.Rejected is null)
            throw Missing(columns.Chosen is null ? names.Chosen : names.Rejected);
        return columns;
    }

    /// <summary>The columns of rows with responses; null where the schema has lost them.</summary>
    internal static PreferenceColumns? FindOrNull(DataViewSchema schema, InputColumnNames names)
    {
        var columns = new PreferenceColumns(schema, names);
        return (columns.Prompt is null && columns.Messages is null) || !columns.HasResponses ? null : columns;
    }

    internal static ArgumentException Missing(string name) => new(
        $"Column {name} is missing; expected Prompt or Messages (or both) with Responses and Scores (ml.Preferences.Load), or with Chosen and Rejected, or alone for generation. " +
        "Where your columns have other names, give these in the options of ml.Preferences.Tokenize.");

    /// <summary>A function that gives a row's prompt and responses.</summary>
    internal Func<PreferenceRow> CreateReader(DataViewRow row)
    {
        var (prompt, messages) = (ColumnReader.Text(row, Prompt), ColumnReader.Text(row, Messages));
        var (responses, responseMessages, record) = (IsPair ? Pair(row) : ColumnReader.Texts(row, Responses), ColumnReader.Texts(row, ResponseMessages), ColumnReader.Text(row, Record));
        var (tools, arguments, weights) = (ColumnReader.Text(row, Tools), ColumnReader.Text(row, Arguments), ColumnReader.Values<float>(row, LossWeights));
        return () =>
        {
            var place = record() is { Length: > 0 } source ? source : $"Row {row.Position}";
            var asked = PromptOf(place, prompt(), messages());
            return new PreferenceRow(place, asked, ResponsesOf(place, asked, responses(), responseMessages()))
            {
                Tools = Checked(place, _names.Tools, () => TemplateInputs.Tools(tools())),
                Arguments = Checked(place, _names.ChatTemplateArguments, () => TemplateInputs.Arguments(arguments())),
                LossWeights = weights(),
            };
        };
    }

    private ChatText PromptOf(string place, string prompt, string messages)
    {
        if (prompt.Length > 0 && messages.Length > 0)
            throw new PreferenceDataException($"{place} has both a {_names.Prompt} and {_names.Messages}; fill one of them and leave the other empty.");
        if (messages.Length > 0) return Checked(place, _names.Messages, () => ChatText.Of(RowTexts.CheckedMessages(MessagesJson.Parse(messages))));
        if (prompt.Length == 0)
        {
            throw new PreferenceDataException(
                $"{place} has neither a {_names.Prompt} nor {_names.Messages}; fill one of them (an empty user turn is {_names.Messages} with [{{\"role\": \"user\", \"content\": \"\"}}]).");
        }
        return Checked(place, _names.Prompt, () => IsPair && RowTexts.Packed(prompt) is { } packed ? ChatText.Of(RowTexts.CheckedMessages(packed)) : ChatText.Of(RowTexts.CheckedText(prompt)));
    }

    private ChatText[] ResponsesOf(string place, ChatText prompt, string[] texts, string[] messages)
    {
        if (texts.Length > 0 && messages.Length > 0)
            throw new PreferenceDataException($"{place} has both {_names.Responses} and {_names.ResponseMessages}; give all its responses in one of them, as plain texts or as messages.");
        var column = texts.Length == 0 ? _names.ResponseMessages : IsPair ? $"{_names.Chosen} or {_names.Rejected}" : _names.Responses;
        return Checked(place, column, () =>
        {
            var packed = texts.Length == 0 ? [.. messages.Select(MessagesJson.Parse)] : IsPair ? RowTexts.PackedAnswers(texts) : null;
            return packed is null
                ? [.. texts.Select(text => ChatText.Of(RowTexts.CheckedText(text)))]
                : packed.Select(answer => RowTexts.WithoutPrompt(ChatText.Of(RowTexts.CheckedMessages(answer)), prompt)).ToArray();
        });
    }

    private static T Checked<T>(string place, string column, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (FormatException e)
        {
            throw new PreferenceDataException($"{place}: {column} {e.Message}.", e);
        }
    }

    private Func<string[]> Pair(DataViewRow row)
    {
        var (chosen, rejected) = (ColumnReader.Text(row, Chosen), ColumnReader.Text(row, Rejected));
        return () => [chosen(), rejected()];
    }

    private static DataViewSchema.Column? Column(DataViewSchema schema, string name, DataViewType type)
    {
        if (schema.GetColumnOrNull(name) is not { } column) return null;
        return column.Type.Equals(type) ? column : throw new ArgumentException($"Column {name} is {column.Type}; expected {type}.");
    }

    private static DataViewSchema.Column? Vector(DataViewSchema schema, string name, DataViewType item, string expected)
    {
        if (schema.GetColumnOrNull(name) is not { } column) return null;
        return column.Type is VectorDataViewType vector && vector.ItemType.Equals(item)
            ? column
            : throw new ArgumentException($"Column {name} is {column.Type}; expected {expected}.");
    }
}

/// <summary>What a row of text columns says.</summary>
/// <param name="Place">Where the row stands, as errors say it.</param>
/// <param name="Prompt">The prompt.</param>
/// <param name="Responses">The responses, none where the row is to be answered.</param>
internal sealed record PreferenceRow(string Place, ChatText Prompt, IReadOnlyList<ChatText> Responses)
{
    /// <summary>The tools that the chat template is given; null for none.</summary>
    public JsonArray? Tools { get; init; }

    /// <summary>Further variables of the chat template.</summary>
    public JsonObject Arguments { get; init; } = [];

    /// <summary>The weight of each of the prompt's messages in the language-model loss; empty for none.</summary>
    public IReadOnlyList<float> LossWeights { get; init; } = [];
}
