using System.Text.Json;

namespace MLNet.Dpo.Data.Records;

/// <summary>
/// A message in the form that chat templates take (<c>role</c>, <c>content</c>, whatever else it has): the record's own JSON where that has the form already,
/// rewritten where it has not. Valid while its record is.
/// </summary>
internal sealed class SourceMessage
{
    private readonly Func<string> _json;

    private SourceMessage(string role, string? plainText, bool callsTools, Func<string> json) => (Role, PlainText, CallsTools, _json) = (role, plainText, callsTools, json);

    /// <summary>Who speaks.</summary>
    public string Role { get; }

    /// <summary>What is said, where the message is nothing but a role and a text; otherwise null.</summary>
    public string? PlainText { get; }

    /// <summary>Whether the message calls tools.</summary>
    public bool CallsTools { get; }

    /// <summary>The message's weight in the language-model loss, where the record says it.</summary>
    public float? LossWeight { get; private init; }

    /// <summary>The message as JSON.</summary>
    public string Json => _json();

    /// <summary>A message that is a text.</summary>
    public static SourceMessage Plain(string role, string text) => new(role, text, callsTools: false, () => JsonText.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("role", role);
        writer.WriteString("content", text);
        writer.WriteEndObject();
    }));

    /// <summary>A message as the record writes it.</summary>
    public static SourceMessage Source(string role, string? plainText, JsonElement source) => new(role, plainText, source.Has("tool_calls"), source.GetRawText);

    /// <summary>A message of more than a text, rewritten.</summary>
    public static SourceMessage Rewritten(string role, bool callsTools, string json) => new(role, null, callsTools, () => json);

    /// <summary>The message with a weight.</summary>
    public SourceMessage Weighing(float? lossWeight) => lossWeight is null ? this : new SourceMessage(Role, PlainText, CallsTools, _json) { LossWeight = lossWeight };

    /// <summary>Whether two messages say the same, however they are written.</summary>
    public static bool Same(SourceMessage first, SourceMessage second)
    {
        if (first.PlainText is not null || second.PlainText is not null)
            return (first.Role, first.PlainText) == (second.Role, second.PlainText);
        string json = first.Json, other = second.Json;
        if (json == other)
            return true;
        using JsonDocument a = JsonDocument.Parse(json), b = JsonDocument.Parse(other);
        return JsonElement.DeepEquals(a.RootElement, b.RootElement);
    }
}
