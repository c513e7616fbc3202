using System.Collections;

namespace MLNet.Dpo.Text.ChatTemplates.Jinja;

// Values of templates: null (none), Undefined, bool, BigInteger, double, string, ListValue, MappingValue, NamespaceValue, LoopValue, Callable.

/// <summary>A value that is not there. Prints as nothing and is false; most operations on it fail with <see cref="Message"/>.</summary>
internal sealed record Undefined(string Message);

/// <summary>A list or tuple.</summary>
internal sealed class ListValue(IReadOnlyList<object?> items, bool isTuple = false) : IReadOnlyList<object?>
{
    public bool IsTuple => isTuple;

    public int Count => items.Count;

    public object? this[int index] => items[index];

    public IEnumerator<object?> GetEnumerator() => items.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}

/// <summary>A mapping that keeps the order of its keys.</summary>
internal sealed class MappingValue
{
    private static readonly object NoneKey = new();
    private readonly OrderedDictionary<object, object?> _entries = new(new KeyComparer());

    /// <summary>About what an entry takes in memory.</summary>
    public const int EntryBytes = 64;

    public int Count => _entries.Count;

    public IEnumerable<object?> Keys => _entries.Keys.Select(key => key == NoneKey ? null : key);

    public IEnumerable<object?> Values => _entries.Values;

    public IEnumerable<(object? Key, object? Value)> Entries => _entries.Select(entry => (entry.Key == NoneKey ? null : entry.Key, entry.Value));

    public bool TryGet(object? key, Budget budget, out object? value) => _entries.TryGetValue(Paid(key, budget), out value);

    public bool Contains(object? key, Budget budget) => _entries.ContainsKey(Paid(key, budget));

    public void Set(object? key, object? value, Budget budget) => _entries[Paid(key, budget)] = value;

    /// <summary>A text is read through for its hash.</summary>
    private static object Paid(object? key, Budget budget)
    {
        budget.Read(key is string text ? text.Length : 0);
        return key ?? NoneKey;
    }

    /// <summary>Hashes numbers with the process's random seed, so that no template can choose keys that all meet in one bucket.</summary>
    private sealed class KeyComparer : IEqualityComparer<object>
    {
        bool IEqualityComparer<object>.Equals(object? left, object? right) => Equals(Plain(left), Plain(right));

        int IEqualityComparer<object>.GetHashCode(object key) => HashCode.Combine(Plain(key));

        private static object? Plain(object? key) => key is string text ? ContentMarks.Plain(text) : key;
    }
}

/// <summary>What <c>namespace()</c> makes: attributes that can be set from inner scopes.</summary>
internal sealed class NamespaceValue
{
    public Dictionary<string, object?> Attributes { get; } = new(StringComparer.Ordinal);
}

/// <summary>A function, macro or method.</summary>
internal sealed record Callable(string Name, Func<CallArguments, object?> Invoke);

/// <summary>The arguments of one call, taken by position or name.</summary>
internal sealed class CallArguments(string function, IReadOnlyList<object?> positional, IReadOnlyDictionary<string, object?> named)
{
    public IReadOnlyList<object?> Positional => positional;

    public IReadOnlyDictionary<string, object?> Named => named;

    public int Count => positional.Count + named.Count;

    /// <summary>The argument at a position or under a name; false where it was not given.</summary>
    public bool TryGet(int position, string name, out object? value)
    {
        if (position < positional.Count)
        {
            value = positional[position];
            return true;
        }
        return named.TryGetValue(name, out value);
    }

    public object? Get(int position, string name, object? fallback = null) => TryGet(position, name, out object? value) ? value : fallback;

    public object? Required(int position, string name) =>
        TryGet(position, name, out object? value) ? value : throw new JinjaException($"{function}() needs the argument {name}.");

    public string Text(int position, string name) => Required(position, name) is string text
        ? text
        : throw new JinjaException($"{function}(): {name} must be a string.");

    public int Integer(int position, string name, int fallback) =>
        TryGet(position, name, out object? value) && value is not null ? ValueOperations.ToInt(value, $"{function}(): {name}") : fallback;

    /// <summary>The arguments without the first positional ones.</summary>
    public CallArguments Skip(int count) => new(function, [.. positional.Skip(count)], named);
}
