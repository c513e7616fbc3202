using MLNet.Dpo.Arithmetic;
using static TorchSharp.torch;

namespace MLNet.Dpo.Saving.Gguf;

/// <summary>
/// How a family of models lies in a GGUF file, as llama.cpp's converter writes it and its loader reads it: the names of its tensors, and what is done to their values
/// (https://github.com/ggml-org/llama.cpp/tree/master/conversion).
/// </summary>
/// <param name="ModelType"><c>model_type</c> of config.json.</param>
/// <param name="Architecture"><c>general.architecture</c>.</param>
internal sealed record GgufFamily(string ModelType, string Architecture)
{
    private const string Layers = "model.layers.";

    private static readonly Dictionary<string, string> Whole = new(StringComparer.Ordinal)
    {
        ["model.embed_tokens"] = "token_embd",
        ["model.norm"] = "output_norm",
        ["lm_head"] = "output",
    };

    private static readonly Dictionary<string, string> Parts = new(StringComparer.Ordinal)
    {
        ["input_layernorm"] = "attn_norm",
        ["self_attn.q_proj"] = "attn_q",
        ["self_attn.k_proj"] = "attn_k",
        ["self_attn.v_proj"] = "attn_v",
        ["self_attn.o_proj"] = "attn_output",
        ["self_attn.qkv_proj"] = "attn_qkv",
        ["self_attn.q_norm"] = "attn_q_norm",
        ["self_attn.k_norm"] = "attn_k_norm",
        ["mlp.gate_proj"] = "ffn_gate",
        ["mlp.up_proj"] = "ffn_up",
        ["mlp.down_proj"] = "ffn_down",
        ["mlp.gate_up_proj"] = "ffn_up",
        ["post_attention_layernorm"] = "ffn_norm",
    };

    private static readonly Dictionary<string, string> SandwichParts = new(Parts, StringComparer.Ordinal)
    {
        ["post_attention_layernorm"] = "post_attention_norm",
        ["pre_feedforward_layernorm"] = "ffn_norm",
        ["post_feedforward_layernorm"] = "post_ffw_norm",
    };

    /// <summary>The families that are written, and read back under the first of their names.</summary>
    internal static IReadOnlyList<GgufFamily> All { get; } =
    [
        new("llama", "llama") { Interleaves = true },
        new("mistral", "llama") { Interleaves = true },
        new("qwen2", "qwen2"),
        new("qwen3", "qwen3"),
        new("gemma2", "gemma2") { IsGemma = true },
        new("gemma3_text", "gemma3") { IsGemma = true },
        new("phi3", "phi3"),
    ];

    /// <summary>Whether queries and keys turn neighbouring dimensions there, where Hugging Face's turn the halves.</summary>
    internal bool Interleaves { get; init; }

    /// <summary>Whether norms are stored minus 1 in Hugging Face's files and whole there, and lie on both sides of attention and MLP.</summary>
    internal bool IsGemma { get; init; }

    /// <summary>A weight's name in the file; null where the family has no place for it.</summary>
    internal string? NameOf(string name)
    {
        var dot = name.LastIndexOf('.');
        var (part, kind) = (name[..dot], name[dot..]);
        if (Whole.TryGetValue(part, out var whole)) return whole + kind;
        if (!part.StartsWith(Layers, StringComparison.Ordinal)) return null;
        var end = part.IndexOf('.', Layers.Length);
        return end > 0 && (IsGemma ? SandwichParts : Parts).TryGetValue(part[(end + 1)..], out var own) ? $"blk.{part[Layers.Length..end]}.{own}{kind}" : null;
    }

    /// <summary>A weight's values as the file has them.</summary>
    internal Tensor Outward(string name, Tensor weight, int heads, int keyValueHeads) =>
        HeadsOf(name, heads, keyValueHeads) is { } count ? Interleaved(weight, count)
        : IsOffset(name) ? weight.to(ScalarType.Float32).Plus(HeldNumbers.Number(1))
        : weight;

    /// <summary>A weight's values as Hugging Face's files have them.</summary>
    internal Tensor Inward(string name, Tensor weight, int heads, int keyValueHeads) =>
        HeadsOf(name, heads, keyValueHeads) is { } count ? InHalves(weight, count)
        : IsOffset(name) ? weight.to(ScalarType.Float32).Plus(HeldNumbers.Number(-1))
        : weight;

    private bool IsOffset(string name) => IsGemma && name.EndsWith("norm.weight", StringComparison.Ordinal);

    private int? HeadsOf(string name, int heads, int keyValueHeads) =>
        !Interleaves ? null
        : name.Contains(".q_proj.", StringComparison.Ordinal) ? heads
        : name.Contains(".k_proj.", StringComparison.Ordinal) ? keyValueHeads
        : null;

    // [heads, 2, half, ...] -> [heads, half, 2, ...]
    private static Tensor Interleaved(Tensor weight, int heads) => Swapped(weight, heads, 2, weight.shape[0] / heads / 2);

    private static Tensor InHalves(Tensor weight, int heads) => Swapped(weight, heads, weight.shape[0] / heads / 2, 2);

    private static Tensor Swapped(Tensor weight, long heads, long first, long second) =>
        weight.reshape([heads, first, second, .. weight.shape[1..]]).transpose(1, 2).reshape(weight.shape);
}
