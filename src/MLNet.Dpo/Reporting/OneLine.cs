namespace MLNet.Dpo.Reporting;

/// <summary>A text as a line of a console shows it.</summary>
internal static class OneLine
{
    private const int Width = 100;

    /// <summary>The text without line breaks; what is longer than a line ends in dots.</summary>
    internal static string Of(string text) => text.ReplaceLineEndings(" ") is var line && line.Length > Width ? line[..(Width - 3)] + "..." : line;
}
