using System.Runtime.InteropServices;
using MLNet.Dpo.Models;
using MLNet.Dpo.Models.Architectures;
using static TorchSharp.torch;

namespace MLNet.Dpo.Benchmarks;

/// <summary>A randomly initialised model of SmolLM2-135M's shape, as the peer's.</summary>
internal static class BenchmarkModel
{
    public static CausalLM Create() => new(Config, new UniformWeights(), CPU);

    private static DecoderConfig Config => new()
    {
        ModelType = "llama",
        Architecture = new LlamaArchitecture(AttentionBias: false, MlpBias: false),
        VocabSize = 49152,
        HiddenSize = 576,
        IntermediateSize = 1536,
        NumHiddenLayers = 30,
        NumAttentionHeads = 9,
        NumKeyValueHeads = 3,
        HeadDim = 64,
        RmsNormEps = 1e-5,
        Rope = new RopeConfig(100000),
        TieWordEmbeddings = true,
        Source = [],
    };

    /// <summary>Norms are one, matrices uniform with a standard deviation of 0.02, written straight into the tensor so that nothing else counts as peak memory.</summary>
    private sealed class UniformWeights : IWeightSource
    {
        private readonly Random _random = new(0);

        public Tensor Get(string name, long[] shape, ScalarType dtype, Device device)
        {
            if (shape.Length == 1)
                return ones(shape, dtype, device);
            var width = 2 * 0.02f * MathF.Sqrt(3);
            var weight = empty(shape);
            foreach (ref var value in MemoryMarshal.Cast<byte, float>(weight.bytes))
                value = (_random.NextSingle() - 0.5f) * width;
            return weight.to(dtype);
        }
    }
}
