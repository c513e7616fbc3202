using MLNet.Dpo.Models;

namespace MLNet.Dpo.Adapters;

/// <summary>Several adapters on one base, by name. Each flow of control (a thread, an async call and what it starts) says for itself which of them it runs.</summary>
/// <param name="model">The base, with the adapter that it came with in place.</param>
/// <param name="own">The settings of that adapter; null where it came with none.</param>
internal sealed class NamedAdapters(CausalLM model, AdapterConfig? own) : IDisposable
{
    /// <summary>The adapter that the model came with, by PEFT's name.</summary>
    internal const string Default = "default";

    private readonly Dictionary<string, AdapterSet> _sets = new(StringComparer.Ordinal);
    private readonly AsyncLocal<Choice?> _choice = new();

    /// <summary>All names, the model's own first, the others in the order in which they came.</summary>
    internal IReadOnlyList<string> Names => own is null ? [.. _sets.Keys] : [Default, .. _sets.Keys];

    /// <summary>What the current flow runs; null: the base alone.</summary>
    internal string? Active => _choice.Value is { } choice ? choice.Name : own is null ? null : Default;

    /// <summary>Adds an adapter.</summary>
    internal void Add(string name, Func<AdapterSet> make)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        if (name == Default || _sets.ContainsKey(name)) throw new ArgumentException($"The model has an adapter '{name}'{(name == Default ? ", or keeps that name for its own" : "")}; give another name, or delete that one first.", nameof(name));
        _sets.Add(name, make());
    }

    /// <summary>Removes and frees an adapter.</summary>
    internal void Delete(string name)
    {
        if (name == Default) throw new ArgumentException($"'{Default}' is the adapter that the model came with, which goes with the model; delete one that was added.", nameof(name));
        Require(name);
        if (Active == name) throw new InvalidOperationException($"The adapter '{name}' is in use here; end the scope of UseAdapter first.");
        _sets.Remove(name, out var set);
        set!.Dispose();
    }

    /// <summary>Runs an adapter in the current flow, or for null the base alone, until the scope is disposed.</summary>
    internal IDisposable Use(string? name)
    {
        if (name is not null) Require(name);
        var previous = _choice.Value;
        _choice.Value = new Choice(name);
        return new Scope(() => _choice.Value = previous);
    }

    /// <summary>The adapters of some names.</summary>
    internal IReadOnlyList<(string Name, AdapterSet Set, double Weight)> Of(IReadOnlyDictionary<string, double> weights)
    {
        foreach (var name in weights.Keys) Require(name);
        return [.. weights.Select(weight => (weight.Key, weight.Key == Default ? AdapterSet.Of(model, own!) : _sets[weight.Key], weight.Value))];
    }

    /// <summary>Puts the current flow's adapter into the model, until the scope is disposed; to be called by one at a time.</summary>
    /// <param name="config">Its settings; null: the base alone.</param>
    internal IDisposable? Activate(out AdapterConfig? config)
    {
        config = own;
        if (_choice.Value is not { } choice || choice.Name == Usual) return null;
        if (choice.Name is not null) Require(choice.Name); // it may have been deleted since
        var set = choice.Name is null ? null : _sets[choice.Name];
        config = set?.Config;
        var empty = new AdapterSet(Plain);
        var (policy, reference) = (AdapterSet.Of(model, own ?? Plain), AdapterSet.Of(model, own ?? Plain, AdapterState.Reference));
        (set ?? empty).Put(model);
        empty.Put(model, AdapterState.Reference); // the reference of an adapter that was added is the base
        return new Scope(() =>
        {
            policy.Put(model);
            reference.Put(model, AdapterState.Reference);
        });
    }

    public void Dispose()
    {
        foreach (var set in _sets.Values) set.Dispose();
        _sets.Clear();
    }

    // What runs where no flow says otherwise.
    private string? Usual => own is null ? null : Default;

    private static AdapterConfig Plain => AdapterConfig.From(new LoraOptions());

    private void Require(string name)
    {
        if (!Names.Contains(name)) throw new ArgumentException($"The model has no adapter '{name}'; it has {(Names.Count == 0 ? "none" : string.Join(", ", Names))}. Load it with LoadAdapter first.", nameof(name));
    }

    private sealed record Choice(string? Name);

    private sealed class Scope(Action end) : IDisposable
    {
        private Action? _end = end;

        public void Dispose() => Interlocked.Exchange(ref _end, null)?.Invoke();
    }
}
