namespace MLNet.Dpo.Text.ChatTemplates.Jinja;

/// <summary>
/// Characters that stand for punctuation of a conversation's own texts while a template runs, so that it can be told from what the template writes, however the texts are cut, joined or
/// repeated. They are noncharacters, which no text has. Whatever looks at a text (comparison, search, order) sees the punctuation; what copies it keeps the marks.
/// </summary>
internal static class ContentMarks
{
    /// <summary>What can be marked. Quotation marks and backslashes cannot: writing JSON changes them.</summary>
    public const string Markable = "!#$%&()*+,-./:;<=>?@[]^_`{|}~";

    private const char First = '\uFDD0';
    private const char Last = '\uFDEF';

    public static bool IsMark(char c) => c is >= First and <= Last && c - First < Markable.Length;

    public static bool AnyIn(string text) => text.AsSpan().ContainsAnyInRange(First, Last);

    public static char Mark(char c) => (char)(First + Markable.IndexOf(c, StringComparison.Ordinal));

    /// <summary>The text without marks, of the same length.</summary>
    public static string Plain(string text) => AnyIn(text)
        ? string.Create(text.Length, text, (plain, marked) =>
        {
            for (int i = 0; i < marked.Length; i++)
                plain[i] = IsMark(marked[i]) ? Markable[marked[i] - First] : marked[i];
        })
        : text;
}
