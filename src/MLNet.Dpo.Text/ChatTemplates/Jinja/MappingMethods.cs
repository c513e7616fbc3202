namespace MLNet.Dpo.Text.ChatTemplates.Jinja;

/// <summary>The methods of mappings; those that change one are refused.</summary>
internal static class MappingMethods
{
    public static Callable? Find(MappingValue mapping, string name, Budget budget) => name switch
    {
        "get" => new(name, arguments => mapping.TryGet(arguments.Required(0, "key"), budget, out object? value) ? value : arguments.Get(1, "default")),
        "items" => new(name, _ => Items(mapping, budget)),
        "keys" => new(name, _ => Listed(mapping, mapping.Keys, budget)),
        "values" => new(name, _ => Listed(mapping, mapping.Values, budget)),
        "copy" => new(name, _ => Copy(mapping, budget)),
        "clear" or "pop" or "popitem" or "setdefault" or "update" => new(name, _ => throw new JinjaException($"a template may not change a mapping by {name}()")),
        _ => null,
    };

    /// <summary>The entries as (key, value) tuples.</summary>
    public static ListValue Items(MappingValue mapping, Budget budget)
    {
        budget.Items(mapping.Count, bytes: 128);
        return new([.. mapping.Entries.Select(entry => new ListValue([entry.Key, entry.Value], isTuple: true))]);
    }

    private static ListValue Listed(MappingValue mapping, IEnumerable<object?> values, Budget budget)
    {
        budget.Items(mapping.Count);
        return new ListValue([.. values]);
    }

    private static MappingValue Copy(MappingValue mapping, Budget budget)
    {
        budget.Items(mapping.Count, MappingValue.EntryBytes);
        var copy = new MappingValue();
        foreach (var (key, value) in mapping.Entries)
            copy.Set(key, value, budget);
        return copy;
    }
}
