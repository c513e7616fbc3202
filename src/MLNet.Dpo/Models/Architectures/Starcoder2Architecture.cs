namespace MLNet.Dpo.Models.Architectures;

/// <summary>StarCoder2: layer norms, biases everywhere, an MLP without a gate, and a sliding window in all layers where the model has one.</summary>
/// <param name="Window">Positions that a token sees; null: all.</param>
/// <param name="Bias">Whether projections have a bias.</param>
internal sealed record Starcoder2Architecture(int? Window, bool Bias) : IArchitecture
{
    internal static DecoderConfig Read(ConfigJson json)
    {
        var window = json.IntOrNull("sliding_window", null);
        if (window <= 0) throw json.Wrong("sliding_window", "a positive number of tokens");
        var defaults = new FamilyDefaults(KeyValueHeads: 2, NormEps: 1e-5, MaxPositions: 4096, Tied: true)
        { NormEpsKey = "norm_epsilon", Activation = "gelu_pytorch_tanh", InitializerRange = 0.018042 };
        return DecoderKeys.Read(json, new Starcoder2Architecture(window, json.Bool("use_bias", true)), defaults);
    }

    public ModelParts Build(DecoderConfig config, ModelBuilder builder)
    {
        var parts = new LlamaParts(config, builder) { NormOf = (name, size) => builder.LayerNorm(name, size, config.NormEps) };
        return parts.Model(layer => new PreNormLayer(
            parts.Norm(layer, "input_layernorm"),
            parts.Attention(layer, new AttentionSettings(Window: Window), Bias, Bias),
            parts.Norm(layer, "post_attention_layernorm"),
            new PlainMlp(
                builder.Linear(LlamaParts.Name(layer, "mlp.c_fc"), config.IntermediateSize, config.HiddenSize, Bias),
                builder.Linear(LlamaParts.Name(layer, "mlp.c_proj"), config.HiddenSize, config.IntermediateSize, Bias),
                Activation.Of(config.Activation))));
    }
}
