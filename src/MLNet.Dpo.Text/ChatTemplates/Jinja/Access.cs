using System.Globalization;
using System.Numerics;

namespace MLNet.Dpo.Text.ChatTemplates.Jinja;

/// <summary>Attributes, items and slices of values. Nothing is reached but data and the methods listed in the Methods classes.</summary>
internal static class Access
{
    /// <summary><c>value.name</c>: a method or attribute first, then an entry.</summary>
    public static object? Attribute(object? value, string name, Budget budget)
    {
        if (value is Undefined undefined)
            throw new JinjaException(undefined.Message);
        if (Member(value, name, budget) is { } member)
            return member;
        return Entry(value, name, budget, out object? entry) ? entry : Missing(value, name, budget);
    }

    /// <summary><c>value[key]</c>: an entry first, then a method or attribute.</summary>
    public static object? Item(object? value, object? key, Budget budget)
    {
        if (value is Undefined undefined)
            throw new JinjaException(undefined.Message);
        if (Entry(value, key, budget, out object? entry))
            return entry;
        return key is string name ? Member(value, name, budget) ?? Missing(value, name, budget) : Missing(value, PythonRepr.Repr(key, budget), budget);
    }

    /// <summary>A dotted path such as <c>function.name</c> or <c>0</c>; what is missing gives undefined.</summary>
    public static object? Path(object? value, string path, Budget budget)
    {
        budget.Text(path.Length);
        foreach (string part in path.Split('.'))
        {
            budget.Step();
            value = Item(value, int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int index) ? new BigInteger(index) : part, budget);
        }
        return value;
    }

    /// <summary><c>value[start:stop:step]</c></summary>
    public static object? Slice(object? value, object? start, object? stop, object? step, Budget budget)
    {
        if (value is not (string or ListValue))
            throw new JinjaException(ValueOperations.MessageOf(value) ?? $"{ValueOperations.TypeName(value)} cannot be sliced");
        int by = step is null ? 1 : ValueOperations.ToInt(step, "a slice's step");
        if (by == 0)
            throw new JinjaException("a slice's step cannot be zero");
        int count = ValueOperations.Length(value, budget);
        int from = Bound(start, count, by > 0 ? 0 : count - 1, by);
        int to = Bound(stop, count, by > 0 ? count : -1, by);
        if (by == 1 && value is string text && text.Length == count)
        {
            budget.Text(Math.Max(0, to - from));
            return from < to ? text[from..to] : "";
        }

        var items = ValueOperations.Items(value, budget);
        budget.Items(Math.Max(0, (by > 0 ? (long)to - from : (long)from - to) / Math.Abs((long)by)));
        var picked = new List<object?>();
        for (long i = from; by > 0 ? i < to : i > to; i += by)
            picked.Add(items[(int)i]);
        return value is ListValue list ? new ListValue(picked, list.IsTuple) : string.Concat(picked);
    }

    private static int Bound(object? value, int count, int fallback, int step)
    {
        if (value is null)
            return fallback;
        BigInteger index = ValueOperations.ToInteger(value is BigInteger or bool ? value : null)
            ?? throw new JinjaException(ValueOperations.MessageOf(value) ?? $"a slice's bound must be an integer, not {ValueOperations.TypeName(value)}");
        if (index < 0)
            index += count;
        return (int)BigInteger.Max(step > 0 ? 0 : -1, BigInteger.Min(step > 0 ? count : count - 1, index));
    }

    private static bool Entry(object? value, object? key, Budget budget, out object? entry)
    {
        entry = null;
        if (value is MappingValue mapping)
            return mapping.TryGet(key, budget, out entry);
        if (value is NamespaceValue space)
        {
            budget.Read(key is string { Length: var length } ? length : 0);
            return key is string name && space.Attributes.TryGetValue(name, out entry);
        }
        if (value is not (ListValue or string) || key is not (BigInteger or bool))
            return false;

        var index = ValueOperations.ToInteger(key)!.Value;
        int count = ValueOperations.Length(value, budget);
        index += index < 0 ? count : 0;
        if (index < 0 || index >= count)
            return false;
        entry = value is string text ? TextAt(text, (int)index, count, budget) : ((ListValue)value)[(int)index];
        return true;
    }

    private static object? TextAt(string text, int index, int count, Budget budget) =>
        count == text.Length ? text[index].ToString() : ValueOperations.Items(text, budget)[index];

    private static object? Member(object? value, string name, Budget budget) => value switch
    {
        string text => StringMethods.Find(text, name, budget),
        MappingValue mapping => MappingMethods.Find(mapping, name, budget),
        ListValue list => ListMethods.Find(list, name, budget),
        LoopValue loop => loop.Find(name),
        _ => null,
    };

    private static Undefined Missing(object? value, string name, Budget budget)
    {
        budget.Text(name.Length);
        return new($"{ValueOperations.TypeName(value)} has no attribute '{name}'");
    }
}
