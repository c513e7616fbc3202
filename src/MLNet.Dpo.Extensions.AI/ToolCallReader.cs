using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace MLNet.Dpo.ExtensionsAI;

/// <summary>Tells text from tool calls in an answer that comes piece by piece. Used by one thread at a time.</summary>
/// <param name="format">How calls are written.</param>
internal sealed class ToolCallReader(ToolCallFormat format)
{
    private readonly StringBuilder _held = new();
    private bool _hasBegun; // what is held is a call
    private bool _isText;   // no call can come any more

    /// <summary>Takes a piece.</summary>
    /// <returns>What is text for certain.</returns>
    internal string Add(string piece)
    {
        if (_isText || format.Begins.Length == 0) return piece;
        _held.Append(piece);
        if (_hasBegun) return "";
        var text = _held.ToString();
        var start = format.IsWholeAnswer ? text.Length - text.TrimStart().Length : FirstStart(text);
        if (format.IsWholeAnswer && start == text.Length) return "";
        var begins = format.Begins.Any(begin => text.AsSpan(start).StartsWith(begin));
        var mayBegin = start < text.Length && format.Begins.Any(begin => begin.AsSpan().StartsWith(text.AsSpan(start)));
        if (begins)
        {
            _hasBegun = true;
            return format.IsWholeAnswer ? "" : Release(start);
        }
        if (mayBegin) return format.IsWholeAnswer ? "" : Release(start);
        _isText = format.IsWholeAnswer;
        return Release(text.Length);
    }

    /// <summary>What was held back, when the answer has ended: calls, and text between them.</summary>
    /// <param name="unread">Why a call cannot be read, and the rest is text; null where all can.</param>
    internal IReadOnlyList<AIContent> End(out string? unread)
    {
        unread = null;
        var text = Release(_held.Length);
        if (text.Length == 0) return [];
        if (!_hasBegun) return [new TextContent(text)];
        try
        {
            return format == ToolCallFormat.Tagged ? Tagged(text) : format == ToolCallFormat.Listed ? Listed(text.Trim()) : Bare(text.Trim());
        }
        catch (Exception e) when (e is JsonException or FormatException or ArgumentException or InvalidOperationException)
        {
            unread = e.Message.ReplaceLineEndings(" ");
            return [new TextContent(text)];
        }
    }

    private string Release(int length)
    {
        var text = _held.ToString(0, length);
        _held.Remove(0, length);
        return text;
    }

    // Where a begin stands, or the text's end may be one; the text's length where there is neither.
    private int FirstStart(string text)
    {
        for (var start = 0; start < text.Length; start++)
        {
            if (format.Begins.Any(begin => begin[0] == text[start] && (text.AsSpan(start).StartsWith(begin) || begin.AsSpan().StartsWith(text.AsSpan(start))))) return start;
        }
        return text.Length;
    }

    private static List<AIContent> Tagged(string text)
    {
        var contents = new List<AIContent>();
        for (var at = 0; at < text.Length;)
        {
            var open = text.IndexOf(ToolCallFormat.OpenTag, at, StringComparison.Ordinal);
            var between = text[at..(open < 0 ? text.Length : open)];
            if (!string.IsNullOrWhiteSpace(between)) contents.Add(new TextContent(between));
            if (open < 0) break;
            var from = open + ToolCallFormat.OpenTag.Length;
            var close = text.IndexOf(ToolCallFormat.CloseTag, from, StringComparison.Ordinal);
            if (close < 0) throw new FormatException($"{ToolCallFormat.CloseTag} is missing");
            contents.Add(Call(JsonNode.Parse(text[from..close].Trim())));
            at = close + ToolCallFormat.CloseTag.Length;
        }
        return contents;
    }

    private static List<AIContent> Listed(string text)
    {
        var parts = text.Split(ToolCallFormat.ToolCalls, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return [.. parts.SelectMany(part => part.StartsWith('[')
            ? JsonNode.Parse(part)!.AsArray().Select(Call)
            : [Named(part)])];
    }

    // name{...} or name[ARGS]{...}
    private static FunctionCallContent Named(string text)
    {
        var brace = text.IndexOf('{', StringComparison.Ordinal);
        if (brace < 1) throw new FormatException($"'{text}' is no tool's name with its arguments");
        return Call(new JsonObject { ["name"] = text[..brace].Replace(ToolCallFormat.Arguments, "", StringComparison.Ordinal).Trim(), ["arguments"] = JsonNode.Parse(text[brace..]) });
    }

    private static List<AIContent> Bare(string text)
    {
        if (text.StartsWith(ToolCallFormat.PythonTag, StringComparison.Ordinal)) text = text[ToolCallFormat.PythonTag.Length..].TrimStart();
        if (JsonNode.Parse(text) is not JsonObject call || (call["parameters"] ?? call["arguments"]) is null) throw new FormatException("the object has no name with parameters");
        return [Call(call)];
    }

    private static FunctionCallContent Call(JsonNode? node)
    {
        if (node is not JsonObject call || call["name"] is not JsonValue name || !name.TryGetValue(out string? function) || function.Length == 0) throw new FormatException("a call has no name");
        var given = call["arguments"] ?? call["parameters"];
        // Some models write the arguments as a text that holds JSON.
        if (given is JsonValue value && value.TryGetValue(out string? text)) given = JsonNode.Parse(text);
        if (given is not null and not JsonObject) throw new FormatException($"the arguments of {function} are no object");
        var arguments = (given?.AsObject() ?? []).ToDictionary(argument => argument.Key, argument => argument.Value is null ? null : (object?)Element(argument.Value));
        return new FunctionCallContent(call["id"] is JsonValue id && id.TryGetValue(out string? own) ? own : NewId(), function, arguments);
    }

    private static JsonElement Element(JsonNode node)
    {
        using var document = JsonDocument.Parse(node.ToJsonString());
        return document.RootElement.Clone();
    }

    // Nine letters and digits, which Mistral's templates demand.
    private static string NewId() => Guid.NewGuid().ToString("N")[..9];
}
