using System.Globalization;
using System.Numerics;

namespace MLNet.Dpo.Text.ChatTemplates.Jinja;

/// <summary>What Python does with values: truth, equality, order, membership, iteration, conversion.</summary>
internal static class ValueOperations
{
    public static bool IsTrue(object? value) => value switch
    {
        null or Undefined => false,
        bool flag => flag,
        BigInteger integer => !integer.IsZero,
        double number => number != 0,
        string text => text.Length > 0,
        ListValue list => list.Count > 0,
        MappingValue mapping => mapping.Count > 0,
        _ => true,
    };

    /// <summary>The longest integer that is read from text or written to it, in decimal digits; as Python has it.</summary>
    public const int MaxDigits = 4300;

    public static bool AreEqual(object? left, object? right, Budget budget)
    {
        budget.Enter();
        bool equal = AreEqualHere(left, right, budget);
        budget.Leave();
        return equal;
    }

    private static bool AreEqualHere(object? left, object? right, Budget budget)
    {
        budget.Step();
        if (TryNumber(left, out double a) && TryNumber(right, out double b))
            return left is BigInteger x && right is BigInteger y ? x == y : a == b;
        return (left, right) switch
        {
            (null, null) => true,
            (Undefined, Undefined) => true,
            (string x, string y) => x.Length == y.Length && AreEqualTexts(x, y, budget),
            (ListValue x, ListValue y) => x.IsTuple == y.IsTuple && x.Count == y.Count && AreEqualLists(x, y, budget),
            (MappingValue x, MappingValue y) => x.Count == y.Count
                && x.Entries.All(entry => y.TryGet(entry.Key, budget, out object? other) && AreEqual(entry.Value, other, budget)),
            _ => ReferenceEquals(left, right),
        };
    }

    /// <summary>Negative, zero or positive, as <paramref name="left"/> comes before, with or after <paramref name="right"/>.</summary>
    public static int Compare(object? left, object? right, Budget budget)
    {
        budget.Enter();
        int order = CompareHere(left, right, budget);
        budget.Leave();
        return order;
    }

    private static bool AreEqualTexts(string left, string right, Budget budget)
    {
        budget.Read(left.Length);
        return ContentMarks.Plain(left) == ContentMarks.Plain(right);
    }

    private static bool AreEqualLists(ListValue left, ListValue right, Budget budget)
    {
        for (int i = 0; i < left.Count; i++)
        {
            if (!AreEqual(left[i], right[i], budget))
                return false;
        }
        return true;
    }

    private static int CompareLists(ListValue left, ListValue right, Budget budget)
    {
        for (int i = 0; i < left.Count && i < right.Count; i++)
        {
            int order = Compare(left[i], right[i], budget);
            if (order != 0)
                return order;
        }
        return left.Count.CompareTo(right.Count);
    }

    private static int CompareHere(object? left, object? right, Budget budget)
    {
        budget.Step();
        if (left is BigInteger x && right is BigInteger y)
            return x.CompareTo(y);
        if (TryNumber(left, out double a) && TryNumber(right, out double b))
            return left is BigInteger or bool && right is double ? CompareMixed(left, b) : left is double && right is BigInteger or bool ? -CompareMixed(right, a) : a.CompareTo(b);
        if (left is string s && right is string t)
            return CompareCodePoints(s, t, budget);
        if (left is ListValue list && right is ListValue other)
            return CompareLists(list, other, budget);
        throw new JinjaException(MessageOf(left, right) ?? $"'<' is not supported between {TypeName(left)} and {TypeName(right)}");
    }

    public static bool Contains(object? container, object? item, Budget budget) => container switch
    {
        Undefined => false,
        string text => item is string part
            ? ContainsText(text, part, budget)
            : throw new JinjaException(MessageOf(item) ?? $"'in <string>' requires a string, not {TypeName(item)}"),
        MappingValue mapping => mapping.Contains(item, budget),
        ListValue list => list.Any(element => AreEqual(element, item, budget)),
        _ => throw new JinjaException($"{TypeName(container)} is not iterable"),
    };

    /// <summary>What a loop over the value goes through: items, keys or code points.</summary>
    public static IReadOnlyList<object?> Items(object? value, Budget budget) => value switch
    {
        Undefined => [],
        ListValue list => list,
        MappingValue mapping => Keys(mapping, budget),
        string text => CodePoints(text, budget),
        _ => throw new JinjaException($"{TypeName(value)} is not iterable"),
    };

    public static int Length(object? value, Budget budget) => value switch
    {
        Undefined => 0,
        string text => TextLength(text, budget),
        ListValue list => list.Count,
        MappingValue mapping => mapping.Count,
        _ => throw new JinjaException($"{TypeName(value)} has no length"),
    };

    public static bool TryNumber(object? value, out double number)
    {
        number = value switch
        {
            BigInteger integer => (double)integer,
            double real => real,
            bool flag => flag ? 1 : 0,
            _ => double.NaN,
        };
        return value is BigInteger or double or bool;
    }

    /// <summary>An integer that fits; for indexes and counts.</summary>
    public static int ToInt(object? value, string what) => value switch
    {
        BigInteger integer when integer >= int.MinValue && integer <= int.MaxValue => (int)integer,
        bool flag => flag ? 1 : 0,
        _ => throw new JinjaException(MessageOf(value) ?? $"{what} must be an integer, not {TypeName(value)}"),
    };

    /// <summary>The integer of a value that has one, else the fallback.</summary>
    public static BigInteger? ToInteger(object? value) => value switch
    {
        BigInteger integer => integer,
        bool flag => flag ? 1 : 0,
        double number when double.IsFinite(number) => new BigInteger(Math.Truncate(number)),
        string { Length: > MaxDigits } => null,
        string text when BigInteger.TryParse(PythonText.Trim(text), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var parsed) => parsed,
        string text when double.TryParse(PythonText.Trim(text), NumberStyles.Float, CultureInfo.InvariantCulture, out double parsed) && double.IsFinite(parsed)
            => new BigInteger(Math.Truncate(parsed)),
        _ => null,
    };

    /// <summary>The message of the first undefined value; null where none is.</summary>
    public static string? MessageOf(params ReadOnlySpan<object?> values)
    {
        foreach (object? value in values)
        {
            if (value is Undefined undefined)
                return undefined.Message;
        }
        return null;
    }

    public static string TypeName(object? value) => value switch
    {
        null => "None",
        bool => "a boolean",
        BigInteger => "an integer",
        double => "a float",
        string => "a string",
        ListValue { IsTuple: true } => "a tuple",
        ListValue => "a list",
        MappingValue => "a mapping",
        Undefined => "an undefined value",
        Callable => "a function",
        _ => "an object",
    };

    private static bool ContainsText(string text, string part, Budget budget)
    {
        budget.Read(text.Length);
        return TextSearch.IndexOf(text, part) >= 0;
    }

    private static List<object?> Keys(MappingValue mapping, Budget budget)
    {
        budget.Items(mapping.Count);
        return [.. mapping.Keys];
    }

    private static IReadOnlyList<object?> CodePoints(string text, Budget budget)
    {
        budget.Items(text.Length, bytes: 40);
        return PythonText.CodePoints(text);
    }

    private static int TextLength(string text, Budget budget)
    {
        budget.Read(text.Length);
        return PythonText.Length(text);
    }

    /// <summary>An integer against a float, exactly: rounding would make an order that contradicts itself.</summary>
    private static int CompareMixed(object? integer, double number)
    {
        if (!double.IsFinite(number))
            return number > 0 ? -1 : 1;
        var whole = ToInteger(integer)!.Value;
        double floor = Math.Floor(number);
        int order = whole.CompareTo(new BigInteger(floor));
        return order == 0 && number > floor ? -1 : order;
    }

    private static int CompareCodePoints(string left, string right, Budget budget)
    {
        budget.Read(Math.Min(left.Length, right.Length));
        // UTF-16 order differs from that of code points where surrogates meet U+E000 and above.
        var (a, b) = (ContentMarks.Plain(left).EnumerateRunes(), ContentMarks.Plain(right).EnumerateRunes());
        while (a.MoveNext())
        {
            if (!b.MoveNext())
                return 1;
            int order = a.Current.CompareTo(b.Current);
            if (order != 0)
                return order;
        }
        return b.MoveNext() ? -1 : 0;
    }
}
