using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Dpo.Models;

/// <summary>
/// The weights that transformers gives a model before any training: matrices from a normal distribution of the configuration's <c>initializer_range</c>, the padding
/// token's embedding and biases 0, norms 1.
/// </summary>
internal sealed class FreshWeights : IWeightSource
{
    private readonly DecoderConfig _config;
    private readonly long? _padding;
    private readonly Generator _generator;

    /// <param name="config">The model.</param>
    /// <param name="seed">Fixes the random numbers.</param>
    internal FreshWeights(DecoderConfig config, int seed)
    {
        _config = config;
        _padding = new ConfigJson("config.json", config.Source).IntOrNull("pad_token_id", null) is { } id && id >= 0 && id < config.VocabSize ? id : null;
        _generator = new Generator(unchecked((ulong)seed), CPU);
    }

    public Tensor Get(string name, long[] shape, ScalarType dtype, Device device)
    {
        using var scope = NewDisposeScope();
        return Make(name, shape).to(dtype).to(device).MoveToOuterDisposeScope();
    }

    private Tensor Make(string name, long[] shape)
    {
        if (IsBias(name)) return zeros(shape);
        if (IsNorm(name)) return _config.NormsAreOffsets ? zeros(shape) : ones(shape);
        using Scalar deviation = Deviation(name);
        var weight = randn(shape, generator: _generator).mul_(deviation);
        if (_padding is { } id && name == "model.embed_tokens.weight") weight.select(0, id).zero_();
        return weight;
    }

    // gpt-oss draws its routers' biases too.
    private static bool IsBias(string name) => name.EndsWith("bias", StringComparison.Ordinal) && !name.EndsWith("router.bias", StringComparison.Ordinal);

    // A part of the path is a norm's name: input_layernorm, q_norm, norms.0, ln_1.
    private static bool IsNorm(string name) => name.Contains("norm", StringComparison.Ordinal) || name.Contains(".ln_", StringComparison.Ordinal);

    // GPT-2's projections into the residual stream begin smaller, by the number of branches that add up there.
    private double Deviation(string name) => _config.ModelType == "gpt2" && name.EndsWith(".c_proj.weight", StringComparison.Ordinal)
        ? _config.InitializerRange / Math.Sqrt(2.0 * _config.NumHiddenLayers)
        : _config.InitializerRange;
}
