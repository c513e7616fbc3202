using static TorchSharp.torch;

namespace MLNet.Dpo.Models.Architectures;

/// <summary>StableLM: layer norms, rotary embeddings of a part of each head; some models have attention and MLP side by side, some norms of each head.</summary>
/// <param name="QkvBias">Whether query, key and value projections have a bias.</param>
/// <param name="HeadNorms">Whether queries and keys are normalised, each head by a norm of its own.</param>
/// <param name="Parallel">Whether attention and MLP see the same rows.</param>
internal sealed record StableLmArchitecture(bool QkvBias, bool HeadNorms, bool Parallel) : IArchitecture
{
    internal static DecoderConfig Read(ConfigJson json)
    {
        var architecture = new StableLmArchitecture(json.Bool("use_qkv_bias", false), json.Bool("qk_layernorm", false), json.Bool("use_parallel_residual", false));
        var defaults = new FamilyDefaults(KeyValueHeads: 32, NormEps: 1e-5, MaxPositions: 4096) { NormEpsKey = "layer_norm_eps", Rope = new RopeDefaults(Partial: 0.25) };
        var config = DecoderKeys.Read(json, architecture, defaults);
        if (config.HeadDim * config.NumAttentionHeads != config.HiddenSize) throw json.Wrong("hidden_size", $"a multiple of num_attention_heads, {config.NumAttentionHeads}, with no other head_dim");
        return config;
    }

    public ModelParts Build(DecoderConfig config, ModelBuilder builder)
    {
        var parts = new LlamaParts(config, builder) { NormOf = (name, size) => builder.LayerNorm(name, size, config.NormEps) };
        return parts.Model(layer =>
        {
            var norm = parts.Norm(layer, "input_layernorm");
            var attention = parts.Attention(layer, new AttentionSettings(), QkvBias, outputBias: false, HeadNorms ? Norms(config, builder, layer) : null);
            if (Parallel) return new ParallelLayer(norm, attention, parts.Mlp(layer));
            return new PreNormLayer(norm, attention, parts.Norm(layer, "post_attention_layernorm"), parts.Mlp(layer));
        });
    }

    private static QueryKeyNorms Norms(DecoderConfig config, ModelBuilder builder, int layer)
    {
        return new QueryKeyNorms(Norm("q_layernorm", config.NumAttentionHeads), Norm("k_layernorm", config.NumKeyValueHeads));

        HeadLayerNorm Norm(string name, int heads)
        {
            Weight[] weights = [.. Enumerable.Range(0, heads).Select(head => builder.Load(LlamaParts.Name(layer, $"self_attn.{name}.norms.{head}.weight"), config.HeadDim))];
            return new HeadLayerNorm(() => stack(weights.Select(weight => weight.Value)), config.NormEps);
        }
    }
}
