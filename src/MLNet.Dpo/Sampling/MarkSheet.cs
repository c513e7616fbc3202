using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace MLNet.Dpo.Sampling;

/// <summary>
/// A prompt and its answers as a text file in which a person marks: <c>Q:</c>, then <c>A[1]:</c> to <c>A[n]:</c>, each followed by its text, whose further lines begin with <c>|</c>. Its last line is for
/// the reader: checksums that tell a slip of the pen, the conversation as it was, and where the answers come from.
/// </summary>
/// <param name="Number">The prompt's number, from 1.</param>
/// <param name="Samples">The prompt and its answers.</param>
internal sealed record MarkSheet(int Number, PromptSamples Samples)
{
    /// <summary>What the last line begins with.</summary>
    internal const string End = "END";

    private const string Help =
        """
        # Mark answers: put + before A[n] if you want such an answer, - if you do not, as in "+ A[1]: ...". Answers without a mark are left out.
        # Lines like this one, that begin with #, are notes. Lines that begin with | go on with the text above them. Leave everything else as it is, the last line too.
        """;

    /// <summary>The file's text.</summary>
    public string Write()
    {
        var lines = new List<string>(Help.Split('\n').Select(line => line.TrimEnd('\r'))) { "" };
        foreach (var turn in Question(Samples)) lines.AddRange(Section(turn.Header, turn.Text));
        for (var i = 0; i < Samples.Responses.Count; i++)
        {
            lines.Add("");
            if (Samples.IsRepeated[i]) lines.Add($"# A[{i + 1}] says the same as A[{Samples.Responses.Index().First(r => r.Item == Samples.Responses[i]).Index + 1}].");
            lines.AddRange(Section($"A[{i + 1}]:", Samples.Responses[i]));
        }
        return string.Join('\n', [.. lines, "", $"{End} {LastLine().ToJsonString()}", ""]);
    }

    /// <summary>The turns of the question as they are shown.</summary>
    internal static IEnumerable<SheetTurn> Question(PromptSamples samples)
    {
        if (samples.Messages.Length == 0) return [new SheetTurn("Q:", samples.Prompt)];
        return JsonNode.Parse(samples.Messages)!.AsArray().Select(message => Turn(message!.AsObject()));
    }

    /// <summary>The checksum of the question: what is shown, and what the last line repeats.</summary>
    internal static string CheckOf(IEnumerable<SheetTurn> question, string messages) =>
        CheckOf(string.Join('\0', question.Select(turn => $"{turn.Header}\0{turn.Text}").Append(messages)));

    /// <summary>The checksum of a text.</summary>
    internal static string CheckOf(string text) => Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes(text.AsSpan())).AsSpan(0, 4));

    // A role with a line break or a bracket in it would be a header of its own kind.
    private static SheetTurn Turn(JsonObject message)
    {
        var role = string.Concat(((string)message["role"]!).Select(c => char.IsLetterOrDigit(c) || c is '_' or '-' or '.' ? c : '_'));
        var text = message["content"] is JsonValue content && content.TryGetValue(out string? said) ? said : message["content"]?.ToJsonString() ?? "";
        var others = new JsonObject(message.Where(p => p.Key is not ("role" or "content")).Select(p => KeyValuePair.Create(p.Key, p.Value?.DeepClone())));
        return new SheetTurn($"Q[{role}]:", others.Count == 0 ? text : $"{text}\n{others.ToJsonString()}");
    }

    private static IEnumerable<string> Section(string header, string text) =>
        SheetText.Lines(text).Select((line, i) => (i == 0 ? header : "|") + (line.Length > 0 ? $" {line}" : ""));

    private JsonObject LastLine()
    {
        var last = new JsonObject
        {
            ["number"] = Number,
            ["checks"] = new JsonArray([CheckOf(Question(Samples), Samples.Messages), .. Samples.Responses.Select(answer => (JsonNode)CheckOf(answer))]),
        };
        if (Samples.Messages.Length > 0) last["messages"] = Samples.Messages;
        if (Samples.Sources.Count > 0) last["sources"] = new JsonArray([.. Samples.Sources.Select(source => (JsonNode)source)]);
        return last;
    }
}

/// <summary>A turn of a question as a sheet shows it.</summary>
/// <param name="Header">What its first line begins with.</param>
/// <param name="Text">What is said.</param>
internal sealed record SheetTurn(string Header, string Text);
