using System.Numerics;

namespace MLNet.Dpo.Text.ChatTemplates.Jinja;

/// <summary>What <c>loop</c> is inside a <c>for</c>.</summary>
internal sealed class LoopValue(IReadOnlyList<object?> items, int depth, Func<object?, int, object?>? recurse, Budget budget)
{
    private static readonly object NoValue = new();
    private object? _lastSeen = NoValue;

    /// <summary>The number of the current item, from 0.</summary>
    public int Index { get; set; }

    /// <summary><c>loop(items)</c> of a recursive loop.</summary>
    public object? Recurse(object? value) =>
        recurse is not null ? recurse(value, depth + 1) : throw new JinjaException("loop() needs a loop that is marked recursive");

    /// <summary>An attribute or method of the loop; null where there is no such.</summary>
    public object? Find(string name) => name switch
    {
        "index" => new BigInteger(Index + 1),
        "index0" => new BigInteger(Index),
        "revindex" => new BigInteger(items.Count - Index),
        "revindex0" => new BigInteger(items.Count - Index - 1),
        "first" => Index == 0,
        "last" => Index == items.Count - 1,
        "length" => new BigInteger(items.Count),
        "depth" => new BigInteger(depth + 1),
        "depth0" => new BigInteger(depth),
        "previtem" => Neighbour(Index - 1, "previtem"),
        "nextitem" => Neighbour(Index + 1, "nextitem"),
        "cycle" => new Callable("cycle", arguments => arguments.Positional.Count > 0
            ? arguments.Positional[Index % arguments.Positional.Count]
            : throw new JinjaException("loop.cycle() needs at least one value")),
        "changed" => new Callable("changed", Changed),
        _ => null,
    };

    private object Neighbour(int index, string name) =>
        // A none among the items must not look like a missing attribute.
        index >= 0 && index < items.Count ? items[index] ?? new Undefined($"loop.{name} is none") : new Undefined($"there is no loop.{name} here");

    private object? Changed(CallArguments arguments)
    {
        var seen = new ListValue(arguments.Positional, isTuple: true);
        bool changed = _lastSeen == NoValue || !ValueOperations.AreEqual(_lastSeen, seen, budget);
        _lastSeen = seen;
        return changed;
    }
}
