namespace MLNet.Dpo.Text.ChatTemplates.Jinja;

/// <summary>Finds a text in another in linear time; the framework's search takes the product of both lengths at worst, which matters for long texts.</summary>
internal static class TextSearch
{
    private const int ShortPart = 64;

    /// <summary>Where the first occurrence begins; -1 where there is none.</summary>
    public static int IndexOf(string text, string part) => NextIndex(ContentMarks.Plain(text), ContentMarks.Plain(part), 0);

    /// <summary>Where the occurrences begin, from the left and none over another; the part is not empty.</summary>
    public static IEnumerable<int> All(string text, string part)
    {
        (text, part) = (ContentMarks.Plain(text), ContentMarks.Plain(part));
        for (int at = NextIndex(text, part, 0); at >= 0; at = NextIndex(text, part, at + part.Length))
            yield return at;
    }

    private static int NextIndex(string text, string part, int from)
    {
        if (part.Length <= ShortPart || part.Length > text.Length - from)
            return text.IndexOf(part, from, StringComparison.Ordinal);

        // Knuth, Morris and Pratt: borders[i] is the longest beginning of the part that also ends at i.
        int[] borders = Borders(part);
        for (int at = from, matched = 0; at < text.Length; at++)
        {
            while (matched > 0 && text[at] != part[matched])
                matched = borders[matched - 1];
            if (text[at] == part[matched] && ++matched == part.Length)
                return at - part.Length + 1;
        }
        return -1;
    }

    /// <summary>Where the last occurrence begins; -1 where there is none.</summary>
    public static int LastIndexOf(string text, string part)
    {
        (text, part) = (ContentMarks.Plain(text), ContentMarks.Plain(part));
        if (part.Length <= ShortPart)
            return text.LastIndexOf(part, StringComparison.Ordinal);
        int found = IndexOf(StringSplitting.Reverse(text), StringSplitting.Reverse(part));
        return found < 0 ? -1 : text.Length - found - part.Length;
    }

    private static int[] Borders(string part)
    {
        int[] borders = new int[part.Length];
        for (int at = 1, matched = 0; at < part.Length; at++)
        {
            while (matched > 0 && part[at] != part[matched])
                matched = borders[matched - 1];
            if (part[at] == part[matched])
                matched++;
            borders[at] = matched;
        }
        return borders;
    }
}
