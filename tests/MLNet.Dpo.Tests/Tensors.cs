using static TorchSharp.torch;

namespace MLNet.Dpo.Tests;

/// <summary>Tensors for tests: random ones that a seed fixes, and their values as plain numbers.</summary>
internal static class Tensors
{
    /// <summary>Uniform in ±0.5, float32.</summary>
    public static Tensor Random(int seed, long[] shape)
    {
        var random = new Random(seed);
        var values = new float[shape.Aggregate(1L, (a, b) => a * b)];
        for (var i = 0; i < values.Length; i++) values[i] = (float)(random.NextDouble() - 0.5);
        return tensor(values, shape);
    }

    /// <summary>The live tensors, once what was left to the finalizer is gone.</summary>
    public static long Settled()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return Tensor.TotalCount;
    }

    /// <summary>The elements, row by row.</summary>
    public static double[] Values(this Tensor tensor) => tensor.detach().to(float64, CPU).contiguous().data<double>().ToArray();

    /// <summary>The largest absolute difference.</summary>
    public static double Difference(Tensor a, Tensor b) => a.shape.SequenceEqual(b.shape)
        ? a.Values().Zip(b.Values(), (x, y) => Math.Abs(x - y)).Max()
        : throw new ArgumentException($"The shapes are [{string.Join(", ", a.shape)}] and [{string.Join(", ", b.shape)}].");
}
