using static TorchSharp.torch;

namespace MLNet.Dpo.Models;

/// <summary>
/// A decoder-only language model: embedding, layers, final norm and head. It runs packed token rows (no padding) under an attention
/// pattern; the head is apart, because most rows never need logits.
/// </summary>
internal sealed class CausalLM : IDisposable
{
    private readonly ModelParts _parts;
    private readonly AdapterSwitch _adapters = new();
    private IRouterTap? _tap;

    /// <summary>Loads every weight; nothing stays behind when one is missing.</summary>
    /// <param name="config">What the model looks like.</param>
    /// <param name="weights">Its weights.</param>
    /// <param name="device">Where it runs.</param>
    /// <param name="dtype">The type of its weights and of what flows through it.</param>
    /// <param name="keepsMasters">Whether <see cref="Parameters"/> are kept in float32 beside the weights of a narrower <paramref name="dtype"/>: for a model all of whose weights are trained, or were.</param>
    internal CausalLM(DecoderConfig config, IWeightSource weights, Device device, ScalarType dtype = ScalarType.Float32, bool keepsMasters = false)
    {
        (Config, Device, Dtype) = (config, device, dtype);
        if (keepsMasters && dtype != ScalarType.Float32) Masters = new MasterWeights();
        var builder = new ModelBuilder(weights, dtype, device, _adapters, Masters);
        (Parameters, Weights) = (builder.Parameters, builder.Weights);
        try
        {
            _parts = config.Architecture.Build(config, builder);
        }
        catch
        {
            DisposeParameters();
            throw;
        }
    }

    internal DecoderConfig Config { get; }

    internal Device Device { get; }

    /// <summary>
    /// The type of weights, embeddings, rotary tables, masks, cache and hidden states. Norm statistics, softmax, log-probabilities and adapters
    /// are in float32 whatever it is.
    /// </summary>
    internal ScalarType Dtype { get; }

    /// <summary>Whether the weights lost digits when they were loaded.</summary>
    internal bool IsRounded { get; init; }

    /// <summary>Whether a pass with gradients keeps the layers' inputs alone; see <see cref="RecomputedPass"/>.</summary>
    internal bool RecomputesLayers { get; set; }

    internal LanguageModelHead Head => _parts.Head;

    /// <summary>The base's weights under Hugging Face's names, as they are trained and saved; a tied head is not among them.</summary>
    internal IReadOnlyDictionary<string, Tensor> Parameters { get; }

    /// <summary>Where <see cref="Parameters"/> are of a wider type than the model computes in, what ties them to the model; else null.</summary>
    internal MasterWeights? Masters { get; }

    /// <summary>The weights that the model computes with, with the slots for what adapters put in their place, and a tied head.</summary>
    internal IReadOnlyList<Weight> Weights { get; }

    /// <summary>Every projection of every layer, in order; adapters sit in them.</summary>
    internal IEnumerable<Linear> Projections => _parts.Layers.SelectMany(layer => layer.Projections);

    /// <summary>All that an adapter can sit in: the layers' projections and the language-model head.</summary>
    internal IEnumerable<Linear> Adaptable => Projections.Append(Head.Projection);

    /// <summary>Runs the model as the given variant until the scope is disposed.</summary>
    internal IDisposable Use(AdapterState state) => _adapters.Use(state);

    /// <summary>Runs the model with the dropout of a training step until the scope is disposed.</summary>
    internal IDisposable Use(AdapterDropout dropout) => _adapters.Use(dropout);

    /// <summary>Tells the dropout of the step, where there is one, which micro-batch comes.</summary>
    internal void BeginMicroBatch(int number) => _adapters.Dropout?.Begin(number);

    /// <summary>Shows the routers of coming passes to a tap, until the scope is disposed.</summary>
    internal IDisposable Tap(IRouterTap tap)
    {
        _tap = tap;
        return new TapScope(this);
    }

    /// <summary>The rows' hidden states after the last norm.</summary>
    /// <param name="tokens">[tokens], int64.</param>
    /// <param name="positions">[tokens], float32: each token's place in its own sequence.</param>
    /// <param name="pattern">Who may look at whom.</param>
    /// <returns>[tokens, hidden].</returns>
    internal Tensor Forward(Tensor tokens, Tensor positions, IAttentionPattern pattern)
    {
        using var scope = NewDisposeScope();
        using var pass = Begin(positions, pattern);
        var x = _parts.Embedding.Forward(tokens, positions);
        foreach (var layer in _parts.Layers) x = layer.Forward(x, pass);
        return _parts.Norm.Forward(x).MoveToOuterDisposeScope();
    }

    /// <summary>The same for a backward pass that computes the layers again. Tensors belong to the caller's dispose scope, and those that are given must live until then.</summary>
    internal RecomputedPass ForwardToRecompute(Tensor tokens, Tensor positions, IAttentionPattern pattern) => new(_parts, () => Begin(positions, pattern), tokens, positions);

    private ForwardPass Begin(Tensor positions, IAttentionPattern pattern) => new(positions, pattern, Dtype) { Tap = _tap };

    public void Dispose()
    {
        foreach (var projection in Adaptable)
        {
            projection.Adapter?.Dispose();
            projection.ReferenceAdapter?.Dispose();
        }
        foreach (var weight in Weights)
        {
            weight.Replacement?.Dispose();
            weight.ReferenceReplacement?.Dispose();
        }
        DisposeParameters();
    }

    private sealed class TapScope(CausalLM model) : IDisposable
    {
        public void Dispose() => model._tap = null;
    }

    private void DisposeParameters()
    {
        Masters?.Dispose();
        foreach (var parameter in Parameters.Values) parameter.Dispose();
    }
}
