using System.Numerics;

namespace MLNet.Dpo.Text.ChatTemplates.Jinja;

/// <summary>The filters that take or give sequences.</summary>
internal static class SequenceFilters
{
    private static readonly string[] Names =
    [
        "batch", "count", "dictsort", "first", "groupby", "items", "join", "last", "length", "list", "map", "max", "min", "reject", "rejectattr", "reverse", "select",
        "selectattr", "slice", "sort", "sum", "unique",
    ];

    public static bool Exists(string name) => Names.Contains(name);

    public static object? Apply(string name, object? value, CallArguments arguments, Budget budget)
    {
        if (!Exists(name))
            throw new JinjaException($"there is no filter named '{name}'");
        if (name is "length" or "count")
            return new BigInteger(ValueOperations.Length(value, budget));
        if (name == "items")
            return Entries(value, budget);
        if (name == "dictsort")
            return DictSort(value, arguments, budget);

        var items = ValueOperations.Items(value, budget);
        budget.Items(items.Count);
        return name switch
        {
            "list" => new ListValue(items),
            "first" => items.Count > 0 ? items[0] : new Undefined("first has no item to give"),
            "last" => items.Count > 0 ? items[^1] : new Undefined("last has no item to give"),
            "reverse" => value is string ? string.Concat(items.Reverse()) : new ListValue([.. items.Reverse()]),
            "join" => Join(items, arguments, budget),
            "map" => Map(items, arguments, budget),
            "select" or "reject" => Select(items, arguments, name == "select", item => item, budget),
            "selectattr" or "rejectattr" => SelectByAttribute(items, arguments, name == "selectattr", budget),
            "sort" => Sort(items, arguments, budget),
            "unique" => Unique(items, arguments, budget),
            "groupby" => GroupBy(items, arguments, budget),
            "sum" => Sum(items, arguments, budget),
            "min" or "max" => Extreme(items, arguments, name == "min" ? -1 : 1, budget),
            "batch" => Batch(items, arguments, budget),
            _ => Slice(items, arguments, budget),
        };
    }

    private static ListValue Entries(object? value, Budget budget) => value switch
    {
        Undefined => new ListValue([]),
        MappingValue mapping => MappingMethods.Items(mapping, budget),
        _ => throw new JinjaException($"items needs a mapping, not {ValueOperations.TypeName(value)}"),
    };

    private static ListValue DictSort(object? value, CallArguments arguments, Budget budget)
    {
        var entries = Entries(value, budget);
        bool caseSensitive = ValueOperations.IsTrue(arguments.Get(0, "case_sensitive", false)), reverse = ValueOperations.IsTrue(arguments.Get(2, "reverse", false));
        int by = arguments.Get(1, "by", "key") is "value" ? 1 : 0;
        return Sorted(entries, entry => ((ListValue)entry!)[by], caseSensitive, reverse, budget);
    }

    private static string Join(IReadOnlyList<object?> items, CallArguments arguments, Budget budget)
    {
        var attribute = arguments.Get(1, "attribute");
        var texts = items.Select(item => (object?)PythonRepr.Text(attribute is null ? item : Access.Path(item, PythonRepr.Text(attribute, budget), budget), budget));
        return StringMethods.Join(PythonRepr.Text(arguments.Get(0, "d", ""), budget), new ListValue([.. texts]), budget);
    }

    private static ListValue Map(IReadOnlyList<object?> items, CallArguments arguments, Budget budget)
    {
        if (arguments.Positional.Count == 0 && arguments.Named.TryGetValue("attribute", out object? attribute))
        {
            bool hasDefault = arguments.Named.TryGetValue("default", out object? fallback);
            return new ListValue([.. items.Select(item => Access.Path(item, PythonRepr.Text(attribute, budget), budget) is var found && hasDefault && found is Undefined ? fallback : found)]);
        }
        string filter = arguments.Text(0, "filter");
        var rest = arguments.Skip(1);
        return new ListValue([.. items.Select(item => Filters.Apply(filter, item, rest, budget))]);
    }

    private static ListValue Select(IReadOnlyList<object?> items, CallArguments arguments, bool wanted, Func<object?, object?> key, Budget budget)
    {
        if (arguments.Positional.Count == 0)
            return new ListValue([.. items.Where(item => ValueOperations.IsTrue(key(item)) == wanted)]);
        string test = arguments.Text(0, "test");
        var rest = arguments.Skip(1);
        return new ListValue([.. items.Where(item => Tests.Apply(test, key(item), rest, budget) == wanted)]);
    }

    private static ListValue SelectByAttribute(IReadOnlyList<object?> items, CallArguments arguments, bool wanted, Budget budget)
    {
        string attribute = PythonRepr.Text(arguments.Required(0, "attribute"), budget);
        return Select(items, arguments.Skip(1), wanted, item => Access.Path(item, attribute, budget), budget);
    }

    private static ListValue Sort(IReadOnlyList<object?> items, CallArguments arguments, Budget budget) =>
        Sorted(items, Key(arguments.Get(2, "attribute"), budget), ValueOperations.IsTrue(arguments.Get(1, "case_sensitive", false)), ValueOperations.IsTrue(arguments.Get(0, "reverse", false)), budget);

    private static ListValue Sorted(IEnumerable<object?> items, Func<object?, object?> key, bool caseSensitive, bool reverse, Budget budget)
    {
        var order = Comparer<object?>.Create((left, right) => ValueOperations.Compare(left, right, budget));
        object? Folding(object? item) => Folded(key(item), caseSensitive, budget);
        try
        {
            return new ListValue([.. reverse ? items.OrderByDescending(Folding, order) : items.OrderBy(Folding, order)]);
        }
        catch (InvalidOperationException e) when (e.InnerException is JinjaException inner)
        {
            throw inner;
        }
    }

    private static ListValue Unique(IReadOnlyList<object?> items, CallArguments arguments, Budget budget)
    {
        bool caseSensitive = ValueOperations.IsTrue(arguments.Get(0, "case_sensitive", false));
        var key = Key(arguments.Get(1, "attribute"), budget);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        return new ListValue([.. items.Where(item => seen.Add(PythonRepr.Repr(Folded(key(item), caseSensitive, budget), budget)))]);
    }

    private static ListValue GroupBy(IReadOnlyList<object?> items, CallArguments arguments, Budget budget)
    {
        var key = Key(arguments.Required(0, "attribute"), budget);
        var groups = Sorted(items, key, caseSensitive: false, reverse: false, budget).GroupBy(item => PythonRepr.Repr(Folded(key(item), caseSensitive: false, budget), budget));
        budget.Items(items.Count, bytes: 200);
        return new ListValue([.. groups.Select(group => new ListValue([key(group.First()), new ListValue([.. group])], isTuple: true))]);
    }

    private static object? Sum(IReadOnlyList<object?> items, CallArguments arguments, Budget budget)
    {
        var key = Key(arguments.Get(0, "attribute"), budget);
        return items.Aggregate(arguments.Get(1, "start", BigInteger.Zero), (total, item) => Arithmetic.Apply("+", total, key(item), budget));
    }

    private static object? Extreme(IReadOnlyList<object?> items, CallArguments arguments, int sign, Budget budget)
    {
        if (items.Count == 0)
            return new Undefined("min and max have no item to give");
        var key = Key(arguments.Get(1, "attribute"), budget);
        bool caseSensitive = ValueOperations.IsTrue(arguments.Get(0, "case_sensitive", false));
        return items.Aggregate((best, item) => ValueOperations.Compare(Folded(key(item), caseSensitive, budget), Folded(key(best), caseSensitive, budget), budget) * sign > 0 ? item : best);
    }

    private static ListValue Batch(IReadOnlyList<object?> items, CallArguments arguments, Budget budget)
    {
        int size = Math.Max(1, arguments.Integer(0, "linecount", 1));
        bool fills = arguments.TryGet(1, "fill_with", out object? fill);
        budget.Items(items.Count, bytes: 8 + 120 / Math.Min(size, 120));
        budget.Items(fills ? Math.Min(size, Budget.MaxItems) : 0);
        return new ListValue([.. items.Chunk(size).Select(chunk => new ListValue([.. chunk, .. Enumerable.Repeat(fill, fills ? Math.Max(0, Math.Min(size, Budget.MaxItems) - chunk.Length) : 0)]))]);
    }

    private static ListValue Slice(IReadOnlyList<object?> items, CallArguments arguments, Budget budget)
    {
        int slices = Math.Clamp(arguments.Integer(0, "slices", 1), 1, Math.Max(1, items.Count));
        budget.Items(slices, bytes: 120);
        var output = new List<object?>();
        int at = 0;
        for (int i = 0; i < slices; i++)
        {
            int count = items.Count / slices + (i < items.Count % slices ? 1 : 0);
            output.Add(new ListValue([.. Enumerable.Range(at, count).Select(index => items[index])]));
            at += count;
        }
        return new ListValue(output);
    }

    private static Func<object?, object?> Key(object? attribute, Budget budget) =>
        attribute is null ? item => item : item => Access.Path(item, PythonRepr.Text(attribute, budget), budget);

    private static object? Folded(object? value, bool caseSensitive, Budget budget)
    {
        if (value is not string text || caseSensitive)
            return value;
        budget.Text(text.Length);
        return text.ToLowerInvariant();
    }
}
