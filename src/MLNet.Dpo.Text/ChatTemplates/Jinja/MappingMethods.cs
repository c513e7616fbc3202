namespace MLNet.Dpo.Text.ChatTemplates.Jinja;

/// <summary>The methods of mappings; those that change one are refused.</summary>
internal static class MappingMethods
{
    public static Callable? Find(MappingValue mapping, string name) => name switch
    {
        "get" => new(name, arguments => mapping.TryGet(arguments.Required(0, "key"), out object? value) ? value : arguments.Get(1, "default")),
        "items" => new(name, _ => Items(mapping)),
        "keys" => new(name, _ => new ListValue([.. mapping.Keys])),
        "values" => new(name, _ => new ListValue([.. mapping.Values])),
        "copy" => new(name, _ => Copy(mapping)),
        "clear" or "pop" or "popitem" or "setdefault" or "update" => new(name, _ => throw new JinjaException($"a template may not change a mapping by {name}()")),
        _ => null,
    };

    /// <summary>The entries as (key, value) tuples.</summary>
    public static ListValue Items(MappingValue mapping) =>
        new([.. mapping.Entries.Select(entry => new ListValue([entry.Key, entry.Value], isTuple: true))]);

    private static MappingValue Copy(MappingValue mapping)
    {
        var copy = new MappingValue();
        foreach (var (key, value) in mapping.Entries)
            copy.Set(key, value);
        return copy;
    }
}
