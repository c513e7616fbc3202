using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using MLNet.Dpo.Files.Safetensors;

namespace TinyChat;

/// <summary>
/// A trained Llama with more layers, which at first do nothing: what they add to the stream is multiplied by zero, so that the grown model says what the old one said, and training puts the new weights to use.
/// </summary>
internal static class GrownModel
{
    private const double InitializerRange = 0.02;

    /// <summary>Writes the folder of the grown model: config, tokenizer and weights.</summary>
    /// <param name="folder">Where it goes.</param>
    /// <param name="from">The trained model's folder.</param>
    /// <param name="layers">Layers of the grown model; the new ones follow the old ones evenly.</param>
    /// <param name="seed">Seeds the new weights.</param>
    public static void Write(string folder, string from, int layers, int seed)
    {
        Directory.CreateDirectory(folder);
        foreach (var name in (string[])["tokenizer.json", "tokenizer_config.json", "generation_config.json"])
            File.Copy(Path.Combine(from, name), Path.Combine(folder, name), overwrite: true);
        var config = JsonNode.Parse(File.ReadAllText(Path.Combine(from, "config.json")))!.AsObject();
        var old = (int)config["num_hidden_layers"]!;
        if (layers < old) throw new ArgumentException($"The model has {old} layers and shall have {layers}; give at least as many.", nameof(layers));
        config["num_hidden_layers"] = layers;
        File.WriteAllText(Path.Combine(folder, "config.json"), config.ToJsonString(new JsonSerializerOptions { WriteIndented = true }) + "\n");
        using var weights = SafetensorsFile.Open(Path.Combine(from, "model.safetensors"));
        SafetensorsWriter.Write(Path.Combine(folder, "model.safetensors"), [.. Tensors(weights, old, layers, new Random(seed))]);
    }

    private static IEnumerable<SafetensorsSource> Tensors(SafetensorsFile weights, int old, int layers, Random random)
    {
        foreach (var entry in weights.Tensors.Where(entry => !entry.Name.StartsWith(Layer(0)[..^2], StringComparison.Ordinal)))
            yield return SafetensorsSource.FromFile(weights, entry);
        for (var layer = 0; layer < layers; layer++)
        {
            var source = layer * old / layers;
            var isOld = layer == ((source * layers) + old - 1) / old;
            foreach (var entry in weights.Tensors.Where(entry => entry.Name.StartsWith(Layer(source), StringComparison.Ordinal)))
            {
                var name = Layer(layer) + entry.Name[Layer(source).Length..];
                yield return isOld ? SafetensorsSource.FromFile(weights, entry, name) : New(name, entry.Shape, random);
            }
        }
    }

    private static string Layer(int layer) => $"model.layers.{layer}.";

    /// <summary>Norms begin at 1, what is added to the stream at 0, the rest is normally distributed.</summary>
    private static SafetensorsSource New(string name, IReadOnlyList<long> shape, Random random)
    {
        var values = new float[shape.Aggregate(1L, (n, d) => n * d)];
        if (shape.Count == 1) Array.Fill(values, 1f);
        else if (!name.EndsWith("o_proj.weight", StringComparison.Ordinal) && !name.EndsWith("down_proj.weight", StringComparison.Ordinal))
        {
            for (var i = 0; i < values.Length; i++) values[i] = (float)(InitializerRange * UntrainedModel.Normal(random));
        }
        return SafetensorsSource.FromBytes(name, SafetensorsDType.F32, shape, MemoryMarshal.AsBytes<float>(values).ToArray());
    }
}
