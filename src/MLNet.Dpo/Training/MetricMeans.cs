namespace MLNet.Dpo.Training;

/// <summary>Weighted means of named numbers, gathered over the micro-batches of a step or of an evaluation.</summary>
internal sealed class MetricMeans
{
    private readonly Dictionary<string, Fraction> _fractions = [];

    /// <summary>Adds one number with its weight.</summary>
    internal void Add(string name, double value, double weight = 1) => AddParts(name, value * weight, weight);

    /// <summary>Adds to what a mean is made of: a sum, and what it will be divided by.</summary>
    internal void AddParts(string name, double sum, double divisor)
    {
        var old = _fractions.GetValueOrDefault(name);
        _fractions[name] = new Fraction(old.Sum + sum, old.Divisor + divisor);
    }

    /// <summary>The means, in the order in which their names first came.</summary>
    internal Dictionary<string, double> ToDictionary() => _fractions.ToDictionary(f => f.Key, f => f.Value.Sum / f.Value.Divisor);

    private readonly record struct Fraction(double Sum, double Divisor);
}
