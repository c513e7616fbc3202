namespace MLNet.Dpo.Models.Architectures;

/// <summary>GLM and GLM-4: interleaved rotary embeddings of a part of each head, gate and up in one projection; GLM-4 also normalises what attention and MLP add.</summary>
/// <param name="QkvBias">Whether query, key and value projections have a bias.</param>
/// <param name="BranchNorms">Whether there are norms behind attention and MLP too.</param>
internal sealed record GlmArchitecture(bool QkvBias, bool BranchNorms) : IArchitecture
{
    internal static DecoderConfig ReadGlm(ConfigJson json) => Read(json, branchNorms: false);

    internal static DecoderConfig ReadGlm4(ConfigJson json) => Read(json, branchNorms: true);

    public ModelParts Build(DecoderConfig config, ModelBuilder builder)
    {
        var parts = new LlamaParts(config, builder, RotaryLayout.Interleaved);
        return parts.Model(layer => new PreNormLayer(
            parts.Norm(layer, "input_layernorm"),
            Branch(parts.Attention(layer, new AttentionSettings(), QkvBias, outputBias: false), layer, "post_self_attn_layernorm"),
            parts.Norm(layer, "post_attention_layernorm"),
            Branch(parts.FusedMlp(layer), layer, "post_mlp_layernorm")));

        IDecoderModule Branch(IDecoderModule inner, int layer, string norm) => BranchNorms ? new NormedBranch(inner, parts.Norm(layer, norm)) : inner;
    }

    private static DecoderConfig Read(ConfigJson json, bool branchNorms) => DecoderKeys.Read(json, new GlmArchitecture(json.Bool("attention_bias", true), branchNorms),
        new FamilyDefaults(KeyValueHeads: 2, HeadDim: 128, NormEps: 1.5625e-7, MaxPositions: 131072) { Rope = new RopeDefaults(Partial: 0.5) });
}
