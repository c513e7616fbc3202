using MLNet.Dpo.Models;
using static TorchSharp.torch;

namespace MLNet.Dpo.Tests;

/// <summary>Fresh weights: matrices from a normal distribution, norms one, biases zero, as transformers initialises its models.</summary>
internal sealed class RandomWeights(double standardDeviation, int seed) : IWeightSource
{
    private readonly Random _random = new(seed);

    public Tensor Get(string name, long[] shape, ScalarType dtype, Device device)
    {
        if (name.EndsWith(".bias", StringComparison.Ordinal)) return zeros(shape, dtype, device);
        if (shape.Length == 1) return ones(shape, dtype, device);
        var values = new float[shape[0] * shape[1]];
        for (var i = 0; i < values.Length; i++) values[i] = (float)(NextNormal() * standardDeviation);
        return tensor(values, shape, dtype, device);
    }

    // Box and Muller's transform
    private double NextNormal() =>
        Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble())) * Math.Cos(2 * Math.PI * _random.NextDouble());
}
