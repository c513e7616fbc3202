using System.Text;
using MLNet.Dpo.Files.Gguf;

namespace MLNet.Dpo.Fuzz;

// A whole model in one file, and SentencePiece's own.
internal static partial class Samples
{
    /// <summary>GGUF files of both kinds of tokenizers.</summary>
    public static IReadOnlyList<(string Name, Func<byte[]> File)> Gguf { get; } = [("byte-level", () => GgufFile(sentencePiece: false)), ("SentencePiece", () => GgufFile(sentencePiece: true))];

    /// <summary>SentencePiece models of both kinds.</summary>
    public static IReadOnlyList<(string Name, Func<byte[]> File)> SentencePiece { get; } = [("unigram", () => SentencePieceFile(1)), ("BPE", () => SentencePieceFile(2))];

    private static byte[] GgufFile(bool sentencePiece)
    {
        var random = new Random(1);
        List<KeyValuePair<string, object>> values =
        [
            new("general.architecture", "llama"), new("llama.context_length", 16u), new("llama.embedding_length", 32u), new("llama.block_count", 1u), new("llama.feed_forward_length", 32u),
            new("llama.attention.head_count", 2u), new("llama.attention.head_count_kv", 1u), new("llama.attention.layer_norm_rms_epsilon", 1e-5f), new("llama.rope.dimension_count", 16u),
            new("tokenizer.ggml.model", sentencePiece ? "llama" : "gpt2"), new("tokenizer.ggml.pre", "qwen2"), new("tokenizer.ggml.tokens", new[] { "<e>", "a", "b", "ab", "\u2581", "?", "x", "y" }),
            new("tokenizer.ggml.token_type", new[] { 3, 1, 1, 1, 1, 2, 4, 5 }), new("tokenizer.ggml.bos_token_id", 0u), new("tokenizer.ggml.eos_token_id", 0u), new("tokenizer.ggml.add_bos_token", true),
            sentencePiece ? new("tokenizer.ggml.scores", new[] { 0f, -2, -3, -1, -4, 0, 0, 0 }) : new("tokenizer.ggml.merges", new[] { "a b" }),
            new("tokenizer.chat_template", "{% for m in messages %}{{ m.content }}{% endfor %}"), new("tokenizer.chat_templates", new[] { "tool_use" }), new("tokenizer.chat_template.tool_use", "{{ tools }}"),
        ];
        GgufSource Tensor(string name, GgufType type, params long[] shape) => new(name, type, shape, stream =>
        {
            var (block, count) = (GgufTypes.BlockOf(type)!.Value, shape.Aggregate(1L, (a, b) => a * b));
            var bytes = new byte[count / block.Elements * block.Bytes];
            for (var i = 0; i < bytes.Length; i++) bytes[i] = (byte)(type == GgufType.F32 && i % 4 == 3 ? 61 : type != GgufType.F32 && i % block.Bytes == 1 ? 30 : random.Next(100));
            stream.Write(bytes);
        });
        using var stream = new MemoryStream();
        GgufWriter.Write(stream, values,
        [
            Tensor("token_embd.weight", GgufType.Q8_0, 8, 32), Tensor("output_norm.weight", GgufType.F32, 32), Tensor("rope_freqs.weight", GgufType.F32, 8), Tensor("blk.0.attn_norm.weight", GgufType.F32, 32),
            Tensor("blk.0.attn_q.weight", GgufType.Q4_0, 32, 32), Tensor("blk.0.attn_k.weight", GgufType.F32, 16, 32), Tensor("blk.0.attn_v.weight", GgufType.Q8_0, 16, 32), Tensor("blk.0.attn_output.weight", GgufType.Q5_0, 32, 32),
            Tensor("blk.0.ffn_norm.weight", GgufType.F32, 32), Tensor("blk.0.ffn_gate.weight", GgufType.Q4_1, 32, 32), Tensor("blk.0.ffn_up.weight", GgufType.Q5_1, 32, 32), Tensor("blk.0.ffn_down.weight", GgufType.Q8_0, 32, 32),
        ]);
        return stream.ToArray();
    }

    private static byte[] SentencePieceFile(byte type)
    {
        using var stream = new MemoryStream();
        foreach (var (piece, score, kind) in new[] { ("<unk>", 0f, 2), ("<e>", 0f, 3), ("</s>", 0f, 3), ("a", -2f, 1), ("b", -3f, 1), ("ab", -1f, 1), ("\u2581", -4f, 1), ("xx", 0f, 4) })
        {
            var text = Encoding.UTF8.GetBytes(piece);
            Field(stream, 1, [0x0A, (byte)text.Length, .. text, 0x15, .. BitConverter.GetBytes(score), 0x18, (byte)kind]);
        }
        Field(stream, 2, [0x18, type]);
        Field(stream, 3, [0x18, 1, 0x20, 0]);
        return stream.ToArray();
    }

    private static void Field(MemoryStream stream, int number, byte[] bytes) => stream.Write([(byte)((number << 3) | 2), (byte)bytes.Length, .. bytes]);
}
