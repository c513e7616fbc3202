namespace MLNet.Dpo.Models.Architectures;

/// <summary>Llama 1 to 3, and everything published under <c>model_type: llama</c> (SmolLM2, TinyLlama, ...).</summary>
internal static class LlamaArchitecture
{
    internal static DecoderConfig Read(ConfigJson json)
    {
        var bias = json.Bool("attention_bias", false);
        return SiluDecoder.Read(json) with
        {
            QkvBias = bias,
            AttentionOutputBias = bias,
            MlpBias = json.Bool("mlp_bias", false),
        };
    }
}
