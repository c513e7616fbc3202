using MLNet.Dpo.Training;

namespace MLNet.Dpo;

/// <summary>An option that a sweep varies, and its values.</summary>
public sealed class SweepAxis
{
    private readonly Func<DpoTrainer.Options, object?> _get;
    private readonly IReadOnlyList<Action<DpoTrainer.Options>> _set;

    private SweepAxis(string name, IReadOnlyList<string> values, Func<DpoTrainer.Options, object?> get, IReadOnlyList<Action<DpoTrainer.Options>> set) =>
        (Name, Values, _get, _set) = (name, values, get, set);

    /// <summary>The option's name, in tables and in the names of runs.</summary>
    public string Name { get; }

    /// <summary>Its values, as text.</summary>
    public IReadOnlyList<string> Values { get; }

    /// <summary>An option and its values.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="get">Reads it.</param>
    /// <param name="set">Sets it.</param>
    /// <param name="values">One or more, each once.</param>
    /// <typeparam name="T">The option's type; its text must tell values apart.</typeparam>
    /// <exception cref="ArgumentException">The name is blank, or there is no value, or one twice.</exception>
    /// <example><code>
    /// var beta = SweepAxis.Of("Beta", o => o.Beta, (o, value) => o.Beta = value, 0.1, 0.3, 0.5);
    /// var rank = SweepAxis.Of("Rank", o => o.Lora!.Rank, (o, value) => o.Lora!.Rank = o.Lora.Alpha = value, 16, 64);
    /// </code></example>
    public static SweepAxis Of<T>(string name, Func<DpoTrainer.Options, T> get, Action<DpoTrainer.Options, T> set, params IReadOnlyList<T> values)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(get);
        ArgumentNullException.ThrowIfNull(set);
        ArgumentNullException.ThrowIfNull(values);
        if (values.Count == 0) throw new ArgumentException($"{name} has no values; give one or more.", nameof(values));
        var texts = values.Select(value => RunIdentity.Text(value)).ToList();
        if (texts.GroupBy(text => text).FirstOrDefault(same => same.Count() > 1) is { } twice) throw new ArgumentException($"{name} has the value {twice.Key} twice; give each once.", nameof(values));
        return new SweepAxis(name, texts, options => get(options), [.. values.Select(value => (Action<DpoTrainer.Options>)(options => set(options, value)))]);
    }

    /// <summary>The option's value in some options, as text.</summary>
    internal string In(DpoTrainer.Options options) => RunIdentity.Text(_get(options));

    /// <summary>Gives options the value of this index.</summary>
    internal void Set(DpoTrainer.Options options, int value)
    {
        _set[value](options);
        if (In(options) != Values[value]) throw new ArgumentException($"The axis {Name} was set to {Values[value]} and reads {In(options)}; let its get and set be of the same option.");
    }
}
