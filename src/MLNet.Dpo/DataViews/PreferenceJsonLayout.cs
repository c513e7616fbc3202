using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Dpo.Data.Records;

namespace MLNet.Dpo.DataViews;

/// <summary>
/// The keys under which a view's columns are written: those that the loader reads, where the view holds preference data, otherwise the columns' names. A text that the loader would take for something
/// else (messages stored as text, a transcript, an answer that begins with its prompt) is written as a message, which it takes for a text again.
/// </summary>
internal sealed class PreferenceJsonLayout(DataViewSchema schema)
{
    private readonly DataViewSchema.Column? _prompt = Text(schema, ColumnNames.Prompt);
    private readonly DataViewSchema.Column? _messages = Text(schema, ColumnNames.Messages);
    private readonly DataViewSchema.Column? _responses = Texts(schema, ColumnNames.Responses);
    private readonly DataViewSchema.Column? _responseMessages = Texts(schema, ColumnNames.ResponseMessages);
    private readonly DataViewSchema.Column? _chosen = Text(schema, ColumnNames.Chosen);
    private readonly DataViewSchema.Column? _rejected = Text(schema, ColumnNames.Rejected);
    private readonly DataViewSchema.Column? _tools = Text(schema, ColumnNames.Tools);
    private readonly DataViewSchema.Column? _arguments = Text(schema, ColumnNames.ChatTemplateArguments);

    private bool IsPreferenceData => _prompt is not null || _messages is not null;

    private bool HasGroups => _responses is not null || _responseMessages is not null;

    private bool HasPairs => !HasGroups && _chosen is not null && _rejected is not null;

    /// <summary>The properties of a row's object.</summary>
    /// <param name="row">The row that they read, whichever it stands at.</param>
    /// <param name="columns">The columns to write.</param>
    /// <exception cref="ArgumentException">A column's type has no JSON, or two columns have the same key.</exception>
    internal IReadOnlyList<JsonProperty> Properties(DataViewRow row, IEnumerable<DataViewSchema.Column> columns)
    {
        List<JsonProperty> properties = IsPreferenceData ? [.. PreferenceProperties(row)] : [];
        var written = IsPreferenceData ? Written() : [];
        foreach (var column in columns.Where(c => !written.Contains(c.Index))) properties.Add(Plain(row, column, KeyOf(column)));
        var same = properties.GroupBy(p => p.Key).FirstOrDefault(g => g.Count() > 1);
        return same is null ? properties : throw new ArgumentException($"The columns {string.Join(" and ", same.Select(p => p.Column))} would both be '{same.Key}'; rename one or leave it out.");
    }

    private IEnumerable<JsonProperty> PreferenceProperties(DataViewRow row)
    {
        var prompt = Prompt(row);
        yield return new JsonProperty($"{ColumnNames.Prompt} or {ColumnNames.Messages}", "prompt", writer => WriteTurn(writer, "prompt", prompt(), "user", []));
        if (HasGroups)
        {
            var (texts, messages) = (ColumnReader.Texts(row, _responses), ColumnReader.Texts(row, _responseMessages));
            yield return new JsonProperty($"{ColumnNames.Responses} or {ColumnNames.ResponseMessages}", "responses", writer => WriteResponses(writer, texts(), messages()));
        }
        foreach (var (column, key) in new[] { (_tools, "tools"), (_arguments, "chat_template_kwargs") })
        {
            var json = ColumnReader.Text(row, column);
            if (column is { } found) yield return new JsonProperty(found.Name, key, writer => WriteJson(writer, key, json()));
        }
        if (!HasPairs) yield break;
        var (chosen, rejected) = (ColumnReader.Text(row, _chosen), ColumnReader.Text(row, _rejected));
        yield return new JsonProperty(ColumnNames.Chosen, "chosen", writer => WriteAnswer(writer, "chosen", chosen(), rejected(), prompt().Text));
        yield return new JsonProperty(ColumnNames.Rejected, "rejected", writer => WriteAnswer(writer, "rejected", rejected(), chosen(), prompt().Text));
    }

    private Func<(string Text, string Messages)> Prompt(DataViewRow row)
    {
        var (text, messages) = (ColumnReader.Text(row, _prompt), ColumnReader.Text(row, _messages));
        return () => (text(), messages());
    }

    private static void WriteTurn(Utf8JsonWriter writer, string key, (string Text, string Messages) turn, string role, string[] others)
    {
        writer.WritePropertyName(key);
        if (turn.Messages.Length > 0) WriteMessages(writer, turn.Messages);
        else WriteText(writer, turn.Text, role, others);
    }

    private static void WriteResponses(Utf8JsonWriter writer, IReadOnlyList<string> texts, IReadOnlyList<string> messages)
    {
        writer.WriteStartArray("responses");
        foreach (var text in texts) WriteText(writer, text, "assistant", []);
        foreach (var answer in messages) WriteMessages(writer, answer);
        writer.WriteEndArray();
    }

    // Both answers of a pair as messages, or both as texts. Two that store messages are messages to Tokenize and to the loader alike.
    private static void WriteAnswer(Utf8JsonWriter writer, string key, string answer, string other, string prompt)
    {
        writer.WritePropertyName(key);
        if (RowTexts.PackedAnswers([answer, other]) is not null) WriteMessages(writer, answer);
        else WriteText(writer, answer, "assistant", [other], prompt);
    }

    private static void WriteText(Utf8JsonWriter writer, string text, string role, string[] others, string prompt = "")
    {
        RowTexts.CheckedText(text);
        if (!others.Append(text).Any(t => IsMistakable(t, prompt)))
        {
            writer.WriteStringValue(text);
            return;
        }
        writer.WriteStartArray();
        writer.WriteStartObject();
        writer.WriteString("role", role);
        writer.WriteString("content", text);
        writer.WriteEndObject();
        writer.WriteEndArray();
    }

    private static bool IsMistakable(string text, string prompt) =>
        text.AsSpan().TrimStart() is ['[' or '{', ..] || Transcript.Is(text) || (prompt.Trim().Length > 0 && text.AsSpan().TrimStart().StartsWith(prompt.Trim()));

    // As they stand, so that they come back to the letter; over several lines as a text, which the loader unpacks.
    private static void WriteMessages(Utf8JsonWriter writer, string messages)
    {
        using var document = JsonDocument.Parse(messages);
        if (document.RootElement.ValueKind != JsonValueKind.Array) throw new FormatException("is no array of messages");
        if (!messages.AsSpan().ContainsAny('\n', '\r')) writer.WriteRawValue(messages);
        else if (PackedMessages.TryParse(messages) is { } packed)
        {
            packed.Dispose();
            writer.WriteStringValue(messages);
        }
        else document.WriteTo(writer);
    }

    // What the template is given; an empty text is none.
    private static void WriteJson(Utf8JsonWriter writer, string key, string json)
    {
        if (json.Length == 0) return;
        writer.WritePropertyName(key);
        if (json.AsSpan().ContainsAny('\n', '\r')) writer.WriteStringValue(json);
        else writer.WriteRawValue(json);
    }

    private JsonProperty Plain(DataViewRow row, DataViewSchema.Column column, string key)
    {
        var write = JsonValues.Writer(row, column);
        return new JsonProperty(column.Name, key, writer =>
        {
            writer.WritePropertyName(key);
            write(writer);
        });
    }

    private string KeyOf(DataViewSchema.Column column) => !IsPreferenceData ? column.Name : column.Name switch
    {
        ColumnNames.Scores when HasGroups => "scores",
        ColumnNames.LossWeights when HasGroups => "loss_weights",
        ColumnNames.LmLossMasks when HasGroups => "lm_loss_masks",
        ColumnNames.SourceRecord => "source",
        ColumnNames.Sources => "sources",
        ColumnNames.Completion when !HasGroups && !HasPairs => "completion",
        var name => name,
    };

    // PromptKey says again what one of the two says.
    private HashSet<int> Written() =>
    [
        .. new[] { _prompt, _messages, _responses, _responseMessages, HasPairs ? _chosen : null, HasPairs ? _rejected : null, _tools, _arguments, Text(schema, ColumnNames.PromptKey) }
            .Where(c => c is not null).Select(c => c!.Value.Index),
    ];

    private static DataViewSchema.Column? Text(DataViewSchema schema, string name) => schema.GetColumnOrNull(name) is { } column && column.Type is TextDataViewType ? column : null;

    private static DataViewSchema.Column? Texts(DataViewSchema schema, string name) =>
        schema.GetColumnOrNull(name) is { } column && column.Type is VectorDataViewType { ItemType: TextDataViewType } ? column : null;
}
