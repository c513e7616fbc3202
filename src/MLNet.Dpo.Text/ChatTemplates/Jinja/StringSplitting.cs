
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
        for (int next; (limit < 0 || parts.Count < limit) && (next = text.IndexOf(part, at, StringComparison.Ordinal)) >= 0; at = next + part.Length)
            parts.Add(text[at..next]);
        parts.Add(text[at..]);
        budget.Items(parts.Count);
        budget.Text(text.Length);
        return parts;
    }

    public static List<object?> SplitFromEnd(string text, object? separator, int limit, Budget budget)
    {
        // From the end is the same as from the beginning, on the reversed text.
        if (limit < 0)
            return Split(text, separator, limit, budget);
        object? reversed = separator is null ? null : Reverse(Separator(separator));
        var parts = Split(Reverse(text), reversed, limit, budget);
        parts.Reverse();
        return [.. parts.Select(part => (object?)Reverse((string)part!))];
    }

    public static List<object?> Lines(string text, bool keepEnds)
    {
        var lines = new List<object?>();
        for (int at = 0; at < text.Length;)
        {
            int end = text.AsSpan(at).IndexOfAny("\n\r\v\f\u001C\u001D\u001E\u0085\u2028\u2029");
            end = end < 0 ? text.Length : at + end;
            int next = end == text.Length ? end : end + (text[end] == '\r' && end + 1 < text.Length && text[end + 1] == '\n' ? 2 : 1);
            lines.Add(text[at..(keepEnds ? next : end)]);
            at = next;
        }
        return lines;
    }

    public static ListValue Partition(string text, string separator, bool fromEnd)
    {
        int at = fromEnd ? text.LastIndexOf(separator, StringComparison.Ordinal) : text.IndexOf(separator, StringComparison.Ordinal);
        if (at >= 0)
            return new ListValue([text[..at], separator, text[(at + separator.Length)..]], isTuple: true);
        return new ListValue(fromEnd ? ["", "", text] : [text, "", ""], isTuple: true);
    }

    private static List<object?> SplitAtSpace(string text, int limit, Budget budget)
    {
        var parts = new List<object?>();
        int at = 0;
        while (true)
        {
            while (at < text.Length && PythonText.IsSpace(text[at]))
                at++;
            if (at == text.Length)
                break;
            int end = limit >= 0 && parts.Count == limit ? text.Length : at;
            while (end < text.Length && !PythonText.IsSpace(text[end]))
                end++;
            parts.Add(text[at..end]);
            at = end;
        }
        budget.Items(parts.Count);
        budget.Text(text.Length);
        return parts;
    }

    private static string Separator(object separator) => separator is string { Length: > 0 } text
        ? text
        : throw new JinjaException(ValueOperations.MessageOf(separator) ?? "split() needs a separator that is a string and not empty");

    private static string Reverse(string text)
    {
        char[] chars = text.ToCharArray();
        Array.Reverse(chars);
        return new string(chars);
    }
}
