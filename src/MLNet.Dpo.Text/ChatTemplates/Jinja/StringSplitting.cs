
namespace MLNet.Dpo.Text.ChatTemplates.Jinja;

/// <summary>Python's ways to split a string.</summary>
internal static class StringSplitting
{
    public static List<object?> Split(string text, object? separator, int limit, Budget budget)
    {
        if (separator is null)
            return SplitAtSpace(text, limit, budget);
        string part = Separator(separator);
        var parts = new List<object?>();
        int at = 0;
        budget.Text(text.Length);
        foreach (int next in TextSearch.All(text, part).Take(limit < 0 ? int.MaxValue : limit))
        {
            Add(parts, text[at..next], budget);
            at = next + part.Length;
        }
        Add(parts, text[at..], budget);
        return parts;
    }

    public static List<object?> SplitFromEnd(string text, object? separator, int limit, Budget budget)
    {
        // From the end is the same as from the beginning, on the reversed text.
        if (limit < 0)
            return Split(text, separator, limit, budget);
        budget.Text(3L * text.Length);
        object? reversed = separator is null ? null : Reverse(Separator(separator));
        var parts = Split(Reverse(text), reversed, limit, budget);
        parts.Reverse();
        return [.. parts.Select(part => (object?)Reverse((string)part!))];
    }

    public static List<object?> Lines(string text, bool keepEnds, Budget budget)
    {
        var lines = new List<object?>();
        for (int at = 0; at < text.Length;)
        {
            int end = text.AsSpan(at).IndexOfAny("\n\r\v\f\u001C\u001D\u001E\u0085\u2028\u2029");
            end = end < 0 ? text.Length : at + end;
            int next = end == text.Length ? end : end + (text[end] == '\r' && end + 1 < text.Length && text[end + 1] == '\n' ? 2 : 1);
            Add(lines, text[at..(keepEnds ? next : end)], budget);
            at = next;
        }
        return lines;
    }

    public static ListValue Partition(string text, string separator, bool fromEnd)
    {
        int at = fromEnd ? TextSearch.LastIndexOf(text, separator) : TextSearch.IndexOf(text, separator);
        if (at >= 0)
            return new ListValue([text[..at], separator, text[(at + separator.Length)..]], isTuple: true);
        return new ListValue(fromEnd ? ["", "", text] : [text, "", ""], isTuple: true);
    }

    private static List<object?> SplitAtSpace(string text, int limit, Budget budget)
    {
        var parts = new List<object?>();
        int at = 0;
        budget.Text(text.Length);
        while (true)
        {
            while (at < text.Length && PythonText.IsSpace(text[at]))
                at++;
            if (at == text.Length)
                break;
            int end = limit >= 0 && parts.Count == limit ? text.Length : at;
            while (end < text.Length && !PythonText.IsSpace(text[end]))
                end++;
            Add(parts, text[at..end], budget);
            at = end;
        }
        return parts;
    }

    /// <summary>A part costs an object besides its characters.</summary>
    private static void Add(List<object?> parts, string part, Budget budget)
    {
        budget.Items(1, bytes: 40);
        parts.Add(part);
    }

    private static string Separator(object separator) => separator is string { Length: > 0 } text
        ? text
        : throw new JinjaException(ValueOperations.MessageOf(separator) ?? "split() needs a separator that is a string and not empty");

    public static string Reverse(string text)
    {
        char[] chars = text.ToCharArray();
        Array.Reverse(chars);
        return new string(chars);
    }
}
