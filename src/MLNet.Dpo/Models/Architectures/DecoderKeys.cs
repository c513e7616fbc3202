using System.Globalization;

namespace MLNet.Dpo.Models.Architectures;

/// <summary>
/// The keys of <c>config.json</c> that the Llama-like families share: RMS norms before attention and MLP, rotary positions, grouped
/// key-value heads and a SiLU-gated MLP. Both generations of key names are read (<c>rope_parameters</c> of transformers 5;
/// <c>rope_theta</c> and <c>rope_scaling</c> before it).
/// </summary>
internal static class DecoderKeys
{
    /// <summary>Reads them for a family.</summary>
    internal static DecoderConfig Read(ConfigJson json, IArchitecture architecture)
    {
        var activation = json.Text("hidden_act") ?? "silu";
        if (activation is not ("silu" or "swish")) throw json.Unsupported("hidden_act", $"'{activation}'", "silu");
        var heads = json.Int("num_attention_heads");
        var hidden = json.Int("hidden_size");
        return new DecoderConfig
        {
            ModelType = json.Text("model_type")!,
            Architecture = architecture,
            VocabSize = json.Int("vocab_size"),
            HiddenSize = hidden,
            IntermediateSize = json.Int("intermediate_size"),
            NumHiddenLayers = json.Int("num_hidden_layers"),
            NumAttentionHeads = heads,
            NumKeyValueHeads = json.Int("num_key_value_heads", heads),
            HeadDim = json.Int("head_dim", heads > 0 ? hidden / heads : 0),
            RmsNormEps = json.Double("rms_norm_eps", 1e-6),
            Rope = Rope(json),
            TieWordEmbeddings = json.Bool("tie_word_embeddings", false),
            MaxPositionEmbeddings = json.Int("max_position_embeddings", 2048),
            EosTokenIds = json.Ids("eos_token_id"),
            Source = json.Json,
        };
    }

    private static RopeConfig Rope(ConfigJson json)
    {
        var section = json.Section("rope_parameters") ?? json.Section("rope_scaling");
        var theta = section?.Double("rope_theta", 0) is > 0 and var inner ? inner : json.Double("rope_theta", 10000);
        var type = section?.Text("rope_type") ?? section?.Text("type") ?? "default";
        return type switch
        {
            "default" => new RopeConfig(theta),
            "linear" => new RopeConfig(theta, new LinearRopeScaling(section!.Double("factor", 1))),
            "llama3" => new RopeConfig(theta, new Llama3RopeScaling(
                section!.Double("factor", 8),
                section.Double("low_freq_factor", 1),
                section.Double("high_freq_factor", 4),
                section.Int("original_max_position_embeddings", 8192))),
            _ => throw json.Unsupported("rope_type", string.Create(CultureInfo.InvariantCulture, $"'{type}'"), "default, linear, llama3"),
        };
    }
}
