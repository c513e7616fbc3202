namespace TinyChat;

/// <summary>
/// A compact notation for many phrasings: <c>(hi|hello)( there|)</c> stands for "hi there", "hi", "hello there" and "hello".
/// Groups may nest; <c>{name}</c> is a slot that a fact fills.
/// </summary>
public static class Phrases
{
    /// <summary>Every phrase that <paramref name="pattern"/> stands for, in order of writing.</summary>
    /// <exception cref="FormatException">A bracket is not closed or not opened.</exception>
    public static IReadOnlyList<string> Expand(string pattern)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        var at = 0;
        var phrases = Alternatives(pattern, ref at);
        return at == pattern.Length ? phrases : throw new FormatException($"The pattern \"{pattern}\" closes a bracket that it never opened.");
    }

    /// <summary>Replaces every <c>{slot}</c> of <paramref name="phrase"/> by its text.</summary>
    public static string Fill(string phrase, IReadOnlyDictionary<string, string> slots)
    {
        ArgumentNullException.ThrowIfNull(slots);
        foreach (var (slot, text) in slots)
            phrase = phrase.Replace("{" + slot + "}", text, StringComparison.Ordinal);
        return phrase;
    }

    private static List<string> Alternatives(string pattern, ref int at)
    {
        var all = Sequence(pattern, ref at);
        while (at < pattern.Length && pattern[at] == '|')
        {
            at++;
            all.AddRange(Sequence(pattern, ref at));
        }
        return all;
    }

    private static List<string> Sequence(string pattern, ref int at)
    {
        List<string> soFar = [""];
        while (at < pattern.Length && pattern[at] is not ('|' or ')'))
        {
            var next = pattern[at] == '(' ? Group(pattern, ref at) : [pattern[at++].ToString()];
            soFar = [.. soFar.SelectMany(head => next.Select(tail => head + tail))];
        }
        return soFar;
    }

    private static List<string> Group(string pattern, ref int at)
    {
        at++;
        var inner = Alternatives(pattern, ref at);
        if (at == pattern.Length)
            throw new FormatException($"The pattern \"{pattern}\" opens a bracket that it never closes.");
        at++;
        return inner;
    }
}
