using System.Text.Json;
using System.Text.RegularExpressions;

namespace MLNet.Dpo.Data.Records;

/// <summary>Messages that a table stores as one text.</summary>
internal static partial class PackedMessages
{
    /// <summary>The messages of a JSON text: a list of them or one, each with who speaks and what is said. Null where the text is anything else. The caller disposes it.</summary>
    public static JsonDocument? TryParse(string text)
    {
        if (Parse(text) is not { } document)
            return null;
        var root = document.RootElement;
        if (root.ValueKind == JsonValueKind.Array ? root.GetArrayLength() > 0 && root.EnumerateArray().All(IsMessage) : IsMessage(root))
            return document;
        document.Dispose();
        return null;
    }

    /// <summary>The list that a JSON text is; null where it is anything else. The caller disposes it.</summary>
    public static JsonDocument? TryParseList(string text)
    {
        var document = Parse(text);
        if (document is null || document.RootElement.ValueKind == JsonValueKind.Array)
            return document;
        document.Dispose();
        return null;
    }

    /// <summary>Whether a text is a list of messages in Python's notation, which is no JSON.</summary>
    public static bool LooksPrinted(string text) => Printed().IsMatch(text);

    private static JsonDocument? Parse(string text)
    {
        if (text.AsSpan().TrimStart() is not ['[' or '{', ..])
            return null;
        try
        {
            return JsonDocument.Parse(text);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static bool IsMessage(JsonElement item) =>
        (item.TryGet("role", out var role) && role.ValueKind == JsonValueKind.String && (item.Has("content") || item.Has("tool_calls")))
        || (item.TryGet("from", out var from) && from.ValueKind == JsonValueKind.String && item.Has("value"));

    [GeneratedRegex(@"\A\s*\[?\s*\{\s*'(role|content|from|value)'\s*:")]
    private static partial Regex Printed();
}
