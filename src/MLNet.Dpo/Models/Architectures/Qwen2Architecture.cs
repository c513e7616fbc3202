namespace MLNet.Dpo.Models.Architectures;

/// <summary>Qwen2 and Qwen2.5: Llama with a bias on query, key and value.</summary>
internal static class Qwen2Architecture
{
    internal static DecoderConfig Read(ConfigJson json)
    {
        if (json.Bool("use_sliding_window", false)) throw json.Unsupported("use_sliding_window", "true", "false");
        return SiluDecoder.Read(json) with { QkvBias = true };
    }
}
