using System.Text.Json;

namespace MLNet.Dpo.Files;

/// <summary>Words for errors of System.Text.Json that suit someone who wrote a file rather than the code that reads it.</summary>
internal static class JsonErrors
{
    internal const string BadText = "a text in it is not valid Unicode";

    /// <summary>What a parser or a reader of its values complains of; the framework finds half of a surrogate pair only when a text is read.</summary>
    public static string Describe(Exception exception) => exception is JsonException json ? Describe(json) : BadText;

    /// <summary>The parser's message on one line, without the position that it repeats and without advice about reader options.</summary>
    public static string Describe(JsonException exception)
    {
        var message = exception.Message.ReplaceLineEndings(" ");
        foreach (var tail in new[] { " LineNumber:", " Path:", " Change the reader options" })
        {
            var at = message.IndexOf(tail, StringComparison.Ordinal);
            if (at >= 0)
                message = message[..at];
        }
        return message.TrimEnd('.', ' ');
    }
}
