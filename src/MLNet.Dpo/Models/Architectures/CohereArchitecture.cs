namespace MLNet.Dpo.Models.Architectures;

/// <summary>Cohere (Command R): attention and MLP side by side, layer norms without bias, interleaved rotary embeddings, a factor on logits.</summary>
/// <param name="AttentionBias">Whether the attention's projections have a bias.</param>
/// <param name="HeadNorms">Whether queries and keys are normalised, with a weight for each head.</param>
/// <param name="LogitScale">The factor on logits.</param>
internal sealed record CohereArchitecture(bool AttentionBias, bool HeadNorms, double LogitScale) : IArchitecture
{
    internal static DecoderConfig Read(ConfigJson json)
    {
        var architecture = new CohereArchitecture(json.Bool("attention_bias", false), json.Bool("use_qk_norm", false), json.Double("logit_scale", 0.0625));
        var defaults = new FamilyDefaults(NormEps: 1e-5, MaxPositions: 8192, Tied: true) { NormEpsKey = "layer_norm_eps", Rope = new RopeDefaults(500_000) };
        return DecoderKeys.Read(json, architecture, defaults);
    }

    public ModelParts Build(DecoderConfig config, ModelBuilder builder)
    {
        var parts = new LlamaParts(config, builder, RotaryLayout.Interleaved) { NormOf = (name, size) => builder.LayerNorm(name, size, config.NormEps, bias: false) };
        return parts.Model(
            layer => new ParallelLayer(
                parts.Norm(layer, "input_layernorm"),
                parts.Attention(layer, new AttentionSettings(), AttentionBias, AttentionBias, HeadNorms ? Norms(config, builder, layer) : null),
                parts.Mlp(layer)),
            logitScale: LogitScale);
    }

    private static QueryKeyNorms Norms(DecoderConfig config, ModelBuilder builder, int layer)
    {
        return new QueryKeyNorms(Norm("q_norm", config.NumAttentionHeads), Norm("k_norm", config.NumKeyValueHeads));

        HeadLayerNorm Norm(string name, long heads)
        {
            var weight = builder.Load(LlamaParts.Name(layer, $"self_attn.{name}.weight"), heads, config.HeadDim);
            return new HeadLayerNorm(() => weight.Value, config.NormEps);
        }
    }
}
