using System.Runtime.InteropServices;
using MLNet.Dpo.Files.Safetensors;
using MLNet.Dpo.Saving;
using MLNet.Dpo.Training;

namespace MLNet.Dpo.Benchmarks;

/// <summary>
/// A model of SmolLM2-135M's shape with random weights, and the adapter that training starts from, as folders that all sides read: so they compute the same numbers.
/// </summary>
internal static class BenchmarkModel
{
    public const int Vocabulary = 49152;
    public const int Hidden = 576;
    public const int Intermediate = 1536;
    public const int Layers = 30;
    public const int Heads = 9;
    public const int KeyValueHeads = 3;
    public const int HeadDim = Hidden / Heads;
    public const double RopeTheta = 100000;
    public const double RmsEps = 1e-5;
    public const int LoraRank = 16;
    public const int LoraAlpha = 32;

    private const string Config = """
        {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "vocab_size": 49152, "hidden_size": 576, "intermediate_size": 1536, "num_hidden_layers": 30,
         "num_attention_heads": 9, "num_key_value_heads": 3, "head_dim": 64, "rms_norm_eps": 1e-05, "rope_theta": 100000.0, "tie_word_embeddings": true,
         "max_position_embeddings": 8192, "hidden_act": "silu", "eos_token_id": 2}
        """;

    // A standard deviation of 0.02.
    private static readonly float UniformWidth = 2 * 0.02f * MathF.Sqrt(3);

    // A trainer hands its model a tokenizer to write with; here nothing is written.
    private const string Tokenizer = """{"version": "1.0", "added_tokens": [], "model": {"type": "WordLevel", "vocab": {"<unk>": 0}, "unk_token": "<unk>"}}""";

    public static string AdapterWeights(string folder) => Path.Combine(folder, "adapter", AdapterFolder.WeightsName);

    public static string BaseFolder(string folder) => Path.Combine(folder, "base");

    /// <summary>Writes base and adapter into a folder.</summary>
    public static void Write(string folder)
    {
        var baseFolder = Directory.CreateDirectory(BaseFolder(folder)).FullName;
        File.WriteAllText(Path.Combine(baseFolder, "config.json"), Config);
        File.WriteAllText(Path.Combine(baseFolder, "tokenizer.json"), Tokenizer);
        SafetensorsWriter.Write(Path.Combine(baseFolder, "model.safetensors"), Weights());
        var run = TrainingRun.Prepare(ProductRun.Settings(folder, threads: 1));
        using (run.Model) AdapterFolder.Save(run.Model, run.Adapter!, Path.Combine(folder, "adapter"), null);
    }

    private static IEnumerable<SafetensorsSource> Weights()
    {
        var random = new Random(0);
        SafetensorsSource Matrix(string name, int output, int input) => Source(name, [output, input], () => (random.NextSingle() - 0.5f) * UniformWidth);
        SafetensorsSource Norm(string name) => Source(name, [Hidden], () => 1);
        yield return Matrix("model.embed_tokens.weight", Vocabulary, Hidden);
        yield return Norm("model.norm.weight");
        for (var layer = 0; layer < Layers; layer++)
        {
            var prefix = $"model.layers.{layer}.";
            yield return Norm(prefix + "input_layernorm.weight");
            yield return Norm(prefix + "post_attention_layernorm.weight");
            yield return Matrix(prefix + "self_attn.q_proj.weight", Hidden, Hidden);
            yield return Matrix(prefix + "self_attn.k_proj.weight", KeyValueHeads * HeadDim, Hidden);
            yield return Matrix(prefix + "self_attn.v_proj.weight", KeyValueHeads * HeadDim, Hidden);
            yield return Matrix(prefix + "self_attn.o_proj.weight", Hidden, Hidden);
            yield return Matrix(prefix + "mlp.gate_proj.weight", Intermediate, Hidden);
            yield return Matrix(prefix + "mlp.up_proj.weight", Intermediate, Hidden);
            yield return Matrix(prefix + "mlp.down_proj.weight", Hidden, Intermediate);
        }
    }

    private static SafetensorsSource Source(string name, long[] shape, Func<float> next) => new(name, SafetensorsDType.F32, shape, stream =>
    {
        var row = new float[shape[^1]];
        for (var written = 0L; written < shape.Aggregate((a, b) => a * b); written += row.Length)
        {
            foreach (ref var value in row.AsSpan()) value = next();
            stream.Write(MemoryMarshal.AsBytes(row.AsSpan()));
        }
    });
}
