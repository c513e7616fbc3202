using System.Runtime.InteropServices;
using System.Text.Json;
using MLNet.Dpo.Files.Safetensors;

namespace TinyChat;

/// <summary>The Llama that TinyChat begins as: a Hugging Face folder with random weights.</summary>
internal static class UntrainedModel
{
    private const int HiddenSize = 160;
    private const int IntermediateSize = 448;
    private const int Layers = 4;
    private const int Heads = 5;
    private const int VocabSize = 1024;
    private const double InitializerRange = 0.02;

    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true };

    /// <summary>Writes config.json, generation_config.json and model.safetensors into <paramref name="folder"/>, and copies the tokenizer's files there.</summary>
    public static void Write(string folder, string tokenizerFolder, int seed)
    {
        Directory.CreateDirectory(folder);
        foreach (var name in (string[])["tokenizer.json", "tokenizer_config.json"])
            File.Copy(Path.Combine(tokenizerFolder, name), Path.Combine(folder, name), overwrite: true);
        File.WriteAllText(Path.Combine(folder, "config.json"), JsonSerializer.Serialize(Config(), Json) + "\n");
        File.WriteAllText(Path.Combine(folder, "generation_config.json"), JsonSerializer.Serialize(new { eos_token_id = 2, pad_token_id = 0 }, Json) + "\n");
        var random = new Random(seed);
        SafetensorsWriter.Write(Path.Combine(folder, "model.safetensors"), Shapes().Select(tensor => Tensor(tensor.Name, tensor.Shape, random)).ToList());
    }

    private static object Config() => new
    {
        architectures = new[] { "LlamaForCausalLM" },
        model_type = "llama",
        vocab_size = VocabSize,
        hidden_size = HiddenSize,
        intermediate_size = IntermediateSize,
        num_hidden_layers = Layers,
        num_attention_heads = Heads,
        num_key_value_heads = Heads,
        head_dim = HiddenSize / Heads,
        hidden_act = "silu",
        max_position_embeddings = 512,
        rms_norm_eps = 1e-5,
        rope_parameters = new { rope_type = "default", rope_theta = 10000.0 },
        initializer_range = InitializerRange,
        tie_word_embeddings = true,
        attention_bias = false,
        mlp_bias = false,
        eos_token_id = 2,
        pad_token_id = 0,
        dtype = "float32",
    };

    /// <summary>The names and shapes of transformers' LlamaForCausalLM; a matrix is [outputs, inputs].</summary>
    private static IEnumerable<(string Name, long[] Shape)> Shapes()
    {
        yield return ("model.embed_tokens.weight", [VocabSize, HiddenSize]);
        for (var layer = 0; layer < Layers; layer++)
        {
            var at = $"model.layers.{layer}.";
            foreach (var projection in (string[])["q_proj", "k_proj", "v_proj", "o_proj"])
                yield return ($"{at}self_attn.{projection}.weight", [HiddenSize, HiddenSize]);
            yield return (at + "mlp.gate_proj.weight", [IntermediateSize, HiddenSize]);
            yield return (at + "mlp.up_proj.weight", [IntermediateSize, HiddenSize]);
            yield return (at + "mlp.down_proj.weight", [HiddenSize, IntermediateSize]);
            yield return (at + "input_layernorm.weight", [HiddenSize]);
            yield return (at + "post_attention_layernorm.weight", [HiddenSize]);
        }
        yield return ("model.norm.weight", [HiddenSize]);
    }

    /// <summary>Matrices are drawn from a normal distribution, norms begin at 1, as transformers does.</summary>
    private static SafetensorsSource Tensor(string name, long[] shape, Random random)
    {
        var values = new float[shape.Aggregate(1L, (n, d) => n * d)];
        for (var i = 0; i < values.Length; i++)
            values[i] = shape.Length == 1 ? 1f : (float)(InitializerRange * Normal(random));
        return SafetensorsSource.FromBytes(name, SafetensorsDType.F32, shape, MemoryMarshal.AsBytes<float>(values).ToArray());
    }

    /// <summary>A standard normal number (Box and Muller).</summary>
    internal static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
