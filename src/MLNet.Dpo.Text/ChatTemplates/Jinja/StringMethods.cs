using System.Numerics;
using System.Text;

namespace MLNet.Dpo.Text.ChatTemplates.Jinja;

/// <summary>The methods of strings, as Python's.</summary>
internal static class StringMethods
{
    public static Callable? Find(string text, string name, Budget budget)
    {
        Func<CallArguments, object?>? method = name switch
        {
            "capitalize" => _ => PythonText.Capitalize(text),
            "count" => arguments => new BigInteger(Count(text, arguments.Text(0, "sub"))),
            "endswith" => arguments => Affixes(arguments, budget).Any(affix => affix.Length <= text.Length && ContentMarks.Plain(text[^affix.Length..]) == affix),
            "startswith" => arguments => Affixes(arguments, budget).Any(affix => affix.Length <= text.Length && ContentMarks.Plain(text[..affix.Length]) == affix),
            "find" => arguments => Position(text, TextSearch.IndexOf(text, arguments.Text(0, "sub"))),
            "rfind" => arguments => Position(text, TextSearch.LastIndexOf(text, arguments.Text(0, "sub"))),
            "index" => arguments => TextSearch.IndexOf(text, arguments.Text(0, "sub")) is var at and >= 0
                ? Position(text, at)
                : throw new JinjaException("substring not found"),
            "isalnum" => _ => All(text, rune => Rune.IsLetter(rune) || Rune.IsNumber(rune)),
            "isalpha" => _ => All(text, Rune.IsLetter),
            "isdigit" or "isdecimal" or "isnumeric" => _ => All(text, Rune.IsDigit),
            "isspace" => _ => text.Length > 0 && text.All(PythonText.IsSpace),
            "islower" => _ => text == text.ToLowerInvariant() && text != text.ToUpperInvariant(),
            "isupper" => _ => text == text.ToUpperInvariant() && text != text.ToLowerInvariant(),
            "join" => arguments => Join(text, arguments.Required(0, "iterable"), budget),
            "lower" or "casefold" => _ => text.ToLowerInvariant(),
            "upper" => _ => text.ToUpperInvariant(),
            "title" => _ => Title(text, budget),
            "strip" => arguments => Strip(text, arguments.Get(0, "chars"), true, true, budget),
            "lstrip" => arguments => Strip(text, arguments.Get(0, "chars"), true, false, budget),
            "rstrip" => arguments => Strip(text, arguments.Get(0, "chars"), false, true, budget),
            "removeprefix" => arguments => ContentMarks.Plain(arguments.Text(0, "prefix")) is var prefix && ContentMarks.Plain(text).StartsWith(prefix, StringComparison.Ordinal) ? text[prefix.Length..] : text,
            "removesuffix" => arguments => ContentMarks.Plain(arguments.Text(0, "suffix")) is var suffix && ContentMarks.Plain(text).EndsWith(suffix, StringComparison.Ordinal) ? text[..^suffix.Length] : text,
            "replace" => arguments => Replace(text, arguments.Text(0, "old"), arguments.Text(1, "new"), arguments.Integer(2, "count", -1), budget),
            "split" => arguments => new ListValue(StringSplitting.Split(text, arguments.Get(0, "sep"), arguments.Integer(1, "maxsplit", -1), budget)),
            "rsplit" => arguments => new ListValue(StringSplitting.SplitFromEnd(text, arguments.Get(0, "sep"), arguments.Integer(1, "maxsplit", -1), budget)),
            "splitlines" => arguments => new ListValue(StringSplitting.Lines(text, ValueOperations.IsTrue(arguments.Get(0, "keepends", false)), budget)),
            "partition" => arguments => StringSplitting.Partition(text, arguments.Text(0, "sep"), fromEnd: false),
            "rpartition" => arguments => StringSplitting.Partition(text, arguments.Text(0, "sep"), fromEnd: true),
            "zfill" => arguments => Pad(text, arguments.Integer(0, "width", 0), "0", -1, budget),
            "ljust" => arguments => Pad(text, arguments.Integer(0, "width", 0), Fill(arguments), 1, budget),
            "rjust" => arguments => Pad(text, arguments.Integer(0, "width", 0), Fill(arguments), -1, budget),
            "center" => arguments => Pad(text, arguments.Integer(0, "width", 0), Fill(arguments), 0, budget),
            _ => null,
        };
        if (method is null)
            return null;
        return name is "startswith" or "endswith" ? new Callable(name, method) : new Callable(name, arguments =>
        {
            budget.Text(text.Length);
            return method(arguments);
        });
    }

    /// <summary>Each run of letters capitalized; a look at every character's class costs more than reading it.</summary>
    public static string Title(string text, Budget budget)
    {
        budget.Step(text.Length / 4);
        return PythonText.Title(text);
    }

    /// <summary>Removes characters at the ends: white space, or those of <paramref name="chars"/>.</summary>
    public static string Strip(string text, object? chars, bool start, bool end, Budget budget)
    {
        if (chars is not (null or string))
            throw new JinjaException($"strip() needs a string of characters, not {ValueOperations.TypeName(chars)}");
        if (chars is null)
            return start && end ? PythonText.Trim(text) : start ? PythonText.TrimStart(text) : PythonText.TrimEnd(text);

        var set = ValueOperations.Items(ContentMarks.Plain((string)chars), budget).ToHashSet();
        var (points, plain) = (ValueOperations.Items(text, budget), ValueOperations.Items(ContentMarks.Plain(text), budget));
        int from = 0, to = points.Count;
        while (start && from < to && set.Contains(plain[from]))
            from++;
        while (end && to > from && set.Contains(plain[to - 1]))
            to--;
        return string.Concat(points.Skip(from).Take(to - from));
    }

    /// <summary>Replaces occurrences, at most <paramref name="count"/> where that is not negative.</summary>
    public static string Replace(string text, string old, string replacement, int count, Budget budget)
    {
        long found = old.Length == 0 ? text.Length + 1 : Count(text, old);
        long times = count < 0 ? found : Math.Min(count, found);
        budget.Text(text.Length + times * Math.Max(0, replacement.Length - old.Length));
        if (old.Length == 0)
            return Interleave(text, replacement, (int)times, budget);

        var output = new StringBuilder();
        int at = 0;
        foreach (int next in TextSearch.All(text, old).Take((int)times))
        {
            output.Append(text, at, next - at).Append(replacement);
            at = next + old.Length;
        }
        return output.Append(text, at, text.Length - at).ToString();
    }

    /// <summary>The items, which must be strings, with a separator between them.</summary>
    public static string Join(string separator, object? items, Budget budget)
    {
        var texts = new List<string>();
        long length = 0;
        foreach (object? item in ValueOperations.Items(items, budget))
        {
            texts.Add(item as string ?? throw new JinjaException(ValueOperations.MessageOf(item) ?? $"join() needs strings, found {ValueOperations.TypeName(item)}"));
            length += texts[^1].Length + separator.Length;
            budget.Items(1);
        }
        budget.Text(length);
        return string.Join(separator, texts);
    }

    private static string Interleave(string text, string replacement, int times, Budget budget)
    {
        var output = new StringBuilder();
        foreach (string? point in ValueOperations.Items(text, budget).Cast<string>())
            output.Append(times-- > 0 ? replacement : "").Append(point);
        return output.Append(times > 0 ? replacement : "").ToString();
    }

    private static int Count(string text, string part)
    {
        if (part.Length == 0)
            return PythonText.Length(text) + 1;
        return TextSearch.All(text, part).Count();
    }

    private static IEnumerable<string> Affixes(CallArguments arguments, Budget budget) => arguments.Required(0, "prefix") switch
    {
        string affix => [Paid(affix, budget)],
        ListValue { IsTuple: true } affixes => affixes.Select(affix => Paid(affix as string ?? throw new JinjaException("a tuple of strings is needed"), budget)),
        var other => throw new JinjaException(ValueOperations.MessageOf(other) ?? $"a string or a tuple of strings is needed, not {ValueOperations.TypeName(other)}"),
    };

    private static string Paid(string affix, Budget budget)
    {
        budget.Step(1 + affix.Length / 16);
        return ContentMarks.Plain(affix);
    }

    private static object Position(string text, int index) => new BigInteger(index <= 0 ? index : PythonText.Length(text.AsSpan(0, index)));

    private static bool All(string text, Func<Rune, bool> holds)
    {
        foreach (var rune in text.EnumerateRunes())
        {
            if (!holds(rune))
                return false;
        }
        return text.Length > 0;
    }

    private static string Fill(CallArguments arguments) => arguments.TryGet(1, "fillchar", out _) ? arguments.Text(1, "fillchar") : " ";

    private static string Pad(string text, int width, string fill, int side, Budget budget)
    {
        if (PythonText.Length(fill) != 1)
            throw new JinjaException("the fill character must be exactly one character long");
        int missing = Math.Max(0, Math.Max(0, width) - PythonText.Length(text));
        budget.Text(text.Length + (long)missing * fill.Length);
        int left = side < 0 ? missing : side > 0 ? 0 : missing / 2;
        string Filled(int count) => string.Concat(Enumerable.Repeat(fill, count));
        bool signed = fill == "0" && text.Length > 0 && text[0] is '-' or '+';
        return signed && side < 0 ? text[0] + Filled(left) + text[1..] : Filled(left) + text + Filled(missing - left);
    }
}
