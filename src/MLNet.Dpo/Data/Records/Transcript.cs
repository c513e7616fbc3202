using System.Text.RegularExpressions;

namespace MLNet.Dpo.Data.Records;

/// <summary>A conversation written as one text, as hh-rlhf has them: turns that begin with "Human:" or "Assistant:" after an empty line.</summary>
internal static partial class Transcript
{
    /// <summary>Whether a text is such a transcript: it begins with the human's turn and has one of the assistant.</summary>
    public static bool Is(string text) => Turn().Match(text) is { Success: true } first && text.AsSpan(0, first.Index).IsWhiteSpace()
        && Turn().Matches(text).Any(turn => turn.Groups[1].Value == "Assistant");

    /// <summary>The turns, without the blanks around what is said.</summary>
    public static List<SourceMessage> Read(string text)
    {
        var turns = Turn().Matches(text);
        var messages = new List<SourceMessage>();
        for (var i = 0; i < turns.Count; i++)
        {
            var start = turns[i].Index + turns[i].Length;
            var end = i + 1 < turns.Count ? turns[i + 1].Index : text.Length;
            messages.Add(SourceMessage.Plain(turns[i].Groups[1].Value == "Human" ? "user" : "assistant", text[start..end].Trim()));
        }
        return messages;
    }

    [GeneratedRegex(@"(?:\A\s*|\r?\n\r?\n)(Human|Assistant):")]
    private static partial Regex Turn();
}
