using System.Globalization;
using MLNet.Dpo.Models;
using MLNet.Dpo.Models.Architectures;

namespace MLNet.Dpo.Saving.Gguf;

/// <summary>
/// A model's settings as GGUF keys. What llama.cpp would compute otherwise than the model does is an error, or is kept out of reach: where it knows no sliding window, the
/// context ends with the window, up to which both are the same.
/// </summary>
internal sealed class GgufConfigWriter
{
    private readonly DecoderConfig _config;
    private readonly GgufFamily _family;
    private readonly List<KeyValuePair<string, object>> _values = [];

    private GgufConfigWriter(DecoderConfig config, GgufFamily family) => (_config, _family) = (config, family);

    /// <summary>The factors that divide the rotary frequencies one by one, as a tensor of its own, by name.</summary>
    internal Dictionary<string, float[]> Factors { get; } = [];

    /// <summary>The keys.</summary>
    internal IReadOnlyList<KeyValuePair<string, object>> Values => _values;

    /// <summary>The settings of a model, and what the format has beside them.</summary>
    /// <exception cref="NotSupportedException">llama.cpp has no such family, or no such setting.</exception>
    internal static GgufConfigWriter Write(DecoderConfig config, out GgufFamily family)
    {
        family = GgufFamily.All.FirstOrDefault(known => known.ModelType == config.ModelType) ?? throw new NotSupportedException(
            $"model_type is '{config.ModelType}'; GGUF is written for {string.Join(", ", GgufFamily.All.Select(known => known.ModelType))}. Save a model folder (SaveModelFolder) and convert that with llama.cpp's convert_hf_to_gguf.py.");
        var writer = new GgufConfigWriter(config, family);
        writer.WriteSizes();
        writer.WriteFamily();
        return writer;
    }

    private void WriteSizes()
    {
        Add("context_length", Unsigned(Math.Min(_config.MaxPositionEmbeddings, UnseenWindow ?? int.MaxValue)));
        Add("embedding_length", Unsigned(_config.HiddenSize));
        Add("block_count", Unsigned(_config.NumHiddenLayers));
        Add("feed_forward_length", Unsigned(_config.IntermediateSize));
        Add("attention.head_count", Unsigned(_config.NumAttentionHeads));
        Add("attention.head_count_kv", Unsigned(_config.NumKeyValueHeads));
        Add("attention.key_length", Unsigned(_config.HeadDim));
        Add("attention.value_length", Unsigned(_config.HeadDim));
        Add("attention.layer_norm_rms_epsilon", (float)_config.NormEps);
        Add("vocab_size", Unsigned(_config.VocabSize));
        var rope = _config.Rope!;
        Add("rope.freq_base", (float)rope.Theta);
        Add("rope.dimension_count", Unsigned(rope.RotaryDim(_config.HeadDim)));
        WriteRope(rope);
    }

    // The window that llama.cpp does not know of in these families.
    private int? UnseenWindow => _config.Architecture switch
    {
        MistralArchitecture mistral => mistral.Window,
        Qwen2Architecture qwen => qwen.Windows.Min(),
        Qwen3Architecture qwen => qwen.Windows.Min(),
        Phi3Architecture phi => phi.Window,
        _ => null,
    };

    private void WriteFamily()
    {
        switch (_config.Architecture)
        {
            case Qwen3Architecture { AttentionBias: true }: throw Unsupported("attention_bias", "true", "false for qwen3");
            case Phi3Architecture when UnseenWindow is { } window: Add("attention.sliding_window", Unsigned(window)); break;
            case GemmaArchitecture gemma: WriteGemma(gemma); break;
        }
        var activation = _family.IsGemma ? "gelu_pytorch_tanh" : "silu";
        if (_config.Activation != activation && !(activation == "silu" && _config.Activation == "swish")) throw Unsupported("hidden_act", $"'{_config.Activation}'", $"'{activation}' for {_config.ModelType}");
    }

    private void WriteGemma(GemmaArchitecture gemma)
    {
        if (gemma.AttentionBias) throw Unsupported("attention_bias", "true", $"false for {_config.ModelType}");
        var scale = GgufGemma.Scale(_family.Architecture, _config.NumHiddenLayers, _config.HiddenSize, _config.NumAttentionHeads, _config.HeadDim);
        if (Math.Abs((gemma.Scale * Math.Sqrt(scale)) - 1) > 1e-6)
            throw Unsupported("query_pre_attn_scalar", Text(1 / (gemma.Scale * gemma.Scale)), $"{Text(scale)}, which llama.cpp takes for {_config.NumHiddenLayers} layers of {_config.ModelType}");
        var period = GgufGemma.Period(_family.Architecture);
        var window = gemma.Windows.Max();
        for (var layer = 0; layer < gemma.Windows.Count; layer++)
        {
            if (gemma.Windows[layer] != (GgufGemma.Slides(_family.Architecture, layer) ? window : null))
                throw Unsupported("layer_types", $"{(gemma.Windows[layer] is null ? "full" : "sliding")}_attention in layer {layer}", $"a pattern of {period} layers whose last one is full for {_config.ModelType}");
        }
        Add("attention.sliding_window", Unsigned(window ?? 0));
        if (gemma.AttentionSoftCap is { } cap) Add("attn_logit_softcapping", (float)cap);
        else if (_family.Architecture == "gemma2") throw Unsupported("attn_logit_softcapping", "null", "a number for gemma2");
        if (gemma.FinalSoftCap is { } final) Add("final_logit_softcapping", (float)final);
        else if (_family.Architecture == "gemma2") throw Unsupported("final_logit_softcapping", "null", "a number for gemma2");
        if (gemma.LocalRope is { } local && (local.Theta != GgufGemma.LocalTheta || local.Scaling is not null))
            throw Unsupported("rope_local_base_freq", Text(local.Theta), $"{Text(GgufGemma.LocalTheta)} without scaling for {_config.ModelType}");
    }

    private void WriteRope(RopeConfig rope)
    {
        switch (rope.Scaling)
        {
            case null: break;
            case LinearRopeScaling linear:
                Add("rope.scaling.type", "linear");
                Add("rope.scaling.factor", (float)linear.Factor);
                break;
            case YarnRopeScaling yarn when IsPlain(yarn):
                Add("rope.scaling.type", "yarn");
                Add("rope.scaling.factor", (float)yarn.Factor);
                Add("rope.scaling.original_context_length", Unsigned(yarn.OriginalMaxPositionEmbeddings));
                break;
            case YarnRopeScaling: throw Unsupported("rope_scaling", "yarn with an attention_factor, beta or truncate of its own", "yarn with its defaults");
            case Llama3RopeScaling llama: Factors["rope_freqs.weight"] = Ratios(rope, llama, 1); break;
            case LongRopeScaling longRope when _family.Architecture == "phi3":
                Add("rope.scaling.original_context_length", Unsigned(longRope.OriginalMaxPositionEmbeddings));
                Add("rope.scaling.attn_factor", (float)longRope.AttentionFactor);
                Factors["rope_factors_long.weight"] = [.. longRope.LongFactor.Select(factor => (float)factor)];
                Factors["rope_factors_short.weight"] = [.. longRope.ShortFactor.Select(factor => (float)factor)];
                break;
            default: throw Unsupported("rope_type", $"'{_config.Rope!.Scaling!.GetType().Name.Replace("RopeScaling", "", StringComparison.Ordinal).ToLowerInvariant()}'", $"default, linear, yarn, llama3{(_family.Architecture == "phi3" ? ", longrope" : "")} for {_config.ModelType}");
        }
    }

    private static bool IsPlain(YarnRopeScaling yarn) =>
        yarn is { BetaFast: 32, BetaSlow: 1, Truncate: true } && Math.Abs(yarn.AttentionFactor - (yarn.Factor <= 1 ? 1 : (0.1 * Math.Log(yarn.Factor)) + 1)) < 1e-6;

    private float[] Ratios(RopeConfig rope, RopeScaling scaling, int length)
    {
        var dim = rope.RotaryDim(_config.HeadDim);
        return [.. RopeScaling.Plain(rope.Theta, dim).Zip(scaling.Frequencies(rope.Theta, dim, length), (plain, changed) => (float)(plain / changed))];
    }

    private void Add(string key, object value) => _values.Add(KeyValuePair.Create($"{_family.Architecture}.{key}", value));

    private static object Unsigned(int value) => (uint)value;

    private static string Text(double value) => value.ToString("0.######", CultureInfo.InvariantCulture);

    private static NotSupportedException Unsupported(string key, string given, string supported) =>
        new($"{key} is {given}; GGUF, as llama.cpp computes it, has {supported}. Save a model folder instead (SaveModelFolder).");
}
