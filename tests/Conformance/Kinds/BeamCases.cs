using System.Text.Json.Nodes;
using MLNet.Dpo.Generation;
using MLNet.Dpo.Saving;
using static TorchSharp.torch;

namespace MLNet.Dpo.Conformance;

/// <summary>The completions that transformers' beam search finds, with their scores.</summary>
internal static class BeamCases
{
    internal const string Name = "beam.json";
    internal const string Tensors = "beam.safetensors";

    internal static void Run(string folder, Comparison comparison)
    {
        var expected = GoldenJson.Read(folder, Name);
        using var golden = new GoldenTensors(Path.Combine(folder, Tensors));
        using var model = ModelFolder.Load(GoldenFolders.Find(folder, expected.Need("base").Text()), CPU);
        var width = (int)golden.Shape("prompt_ids")[1];
        var prompts = golden.Longs("prompt_ids").Select(id => (int)id).Chunk(width).ToList();
        var common = expected["settings"]?.AsObject() ?? [];
        foreach (var (name, entry) in expected.Need("cases").AsObject())
        {
            comparison.Part(name, () =>
            {
                var options = new GenerationOptions();
                var returned = 1;
                IReadOnlyList<int> ends = model.Config.EosTokenIds;
                var unknown = new List<string>();
                foreach (var (key, value) in common.Concat((entry!["settings"] as JsonObject ?? entry.AsObject()).Where(setting => !common.ContainsKey(setting.Key))))
                {
                    if (key == "num_return_sequences") returned = value!.GetValue<int>();
                    else if (key == "eos_token_id") ends = value is null ? [] : value is JsonArray ? GenerationSettings.Ids(value) : [value.GetValue<int>()];
                    else if (key is not ("scores" or "lengths" or "smallest_gap_of_scores" or "do_sample") && !GenerationSettings.TrySet(options, key, value!)) unknown.Add(key);
                }
                if (unknown.Count > 0) comparison.Skip($"{string.Join(", ", unknown)} of {name}");
                else Check(name, new TokenGenerator(model, options, ends).Generate([.. prompts.Select((prompt, i) => new NumberedPrompt(prompt, i))], returned, () => { }), golden, comparison);
            });
        }
    }

    private static void Check(string name, IReadOnlyList<GeneratedTokens> found, GoldenTensors golden, Comparison comparison)
    {
        var (sequences, lengths, scores) = (golden.Longs(name + ".sequences"), golden.Longs(name + ".lengths"), golden.Floats(name + ".scores"));
        comparison.Check($"{name}: {found.Count} completions instead of {lengths.Length}", found.Count == lengths.Length);
        var width = sequences.Length / lengths.Length;
        foreach (var (row, completion) in found.Index())
        {
            var expected = sequences.AsSpan(row * width, (int)lengths[row]).ToArray().Select(id => (int)id);
            comparison.Check($"{name}: completion {row} is {string.Join(' ', completion.Chosen)} instead of {string.Join(' ', expected)}", completion.Chosen.SequenceEqual(expected));
            comparison.Check($"{name}: score {row}", Math.Abs(completion.Score - scores[row]), 1e-4);
        }
    }
}
