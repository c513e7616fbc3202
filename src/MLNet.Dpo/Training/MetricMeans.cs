namespace MLNet.Dpo.Training;

/// <summary>Weighted means of named numbers, gathered over the micro-batches of a step or of an evaluation.</summary>
internal sealed class MetricMeans
{
    private readonly Dictionary<string, (double Sum, double Weight)> _sums = [];

    /// <summary>Adds one number with its weight.</summary>
    internal void Add(string name, double value, double weight = 1)
    {
        var (sum, total) = _sums.GetValueOrDefault(name);
        _sums[name] = (sum + (value * weight), total + weight);
    }

    /// <summary>The means, in the order in which their names first came.</summary>
    internal Dictionary<string, double> ToDictionary() => _sums.ToDictionary(s => s.Key, s => s.Value.Sum / s.Value.Weight);
}
