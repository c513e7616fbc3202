using MLNet.Dpo.Generation;
using MLNet.Dpo.Models;
using MLNet.Dpo.Models.Architectures;
using MLNet.Dpo.Saving;
using static TorchSharp.torch;

namespace MLNet.Dpo.Conformance;

/// <summary>A checkpoint with its logits, last hidden states and greedy continuations.</summary>
public static class ModelCases
{
    /// <summary>Whether the folder is of this kind.</summary>
    public static bool Matches(string folder) =>
        File.Exists(Path.Combine(folder, "config.json")) && File.Exists(Path.Combine(folder, "expected.safetensors"));

    /// <summary>Checks the folder.</summary>
    public static CaseReport Run(string folder)
    {
        using var model = ModelFolder.Load(folder, CPU);
        using var golden = new GoldenTensors(Path.Combine(folder, "expected.safetensors"));
        var comparison = new Comparison(folder);
        var scale = golden.Floats("logits").Where(float.IsFinite).Max(Math.Abs);
        comparison.Check("logits", ModelRunner.LogitError(model, golden, "logits"), 1e-4 + (5e-6 * scale));
        if (golden.Has("hidden_last")) CheckHidden(model, golden, comparison);
        if (golden.Has("prompt_ids")) CheckGreedy(model, golden, comparison);
        CheckLegacyConfig(folder, model, comparison);
        return comparison.Report();
    }

    private static void CheckHidden(CausalLM model, GoldenTensors golden, Comparison comparison)
    {
        var expected = golden.Floats("hidden_last");
        var stride = (int)(golden.Shape("hidden_last")[1] * golden.Shape("hidden_last")[2]);
        var largest = 0.0;
        foreach (var (row, tokens) in ModelRunner.Sequences(golden).Index())
        {
            var width = (int)golden.Shape("hidden_last")[1];
            var hidden = ModelRunner.Run(model, ModelRunner.AsRun(model, tokens, width)).Hidden.AsSpan(0, tokens.Length * (stride / width));
            largest = Math.Max(largest, Comparison.MaxDifference(hidden, expected.AsSpan(row * stride, hidden.Length)));
        }
        comparison.Check("hidden states", largest, 1e-4 + (5e-6 * expected.Where(float.IsFinite).Max(Math.Abs)));
    }

    private static void CheckGreedy(CausalLM model, GoldenTensors golden, Comparison comparison)
    {
        var expected = Rows(golden, "greedy_ids");
        var options = new GenerationOptions { MaxNewTokens = expected[0].Length };
        var generated = new TokenGenerator(model, options, [])
            .Generate([.. Rows(golden, "prompt_ids").Select((prompt, row) => new NumberedPrompt(prompt, row))], samples: 1, () => { }).Select(row => row.Ids).ToList();
        for (var row = 0; row < expected.Length; row++)
            comparison.Check($"greedy ids of prompt {row} differ", generated[row].SequenceEqual(expected[row]));
    }

    // config.legacy.json is the same model in the key names of transformers 4.
    private static void CheckLegacyConfig(string folder, CausalLM model, Comparison comparison)
    {
        var legacy = Path.Combine(folder, "config.legacy.json");
        if (!File.Exists(legacy)) return;
        var read = Architecture.Read(ConfigJson.Read(legacy));
        comparison.Check("config.legacy.json reads differently", read with { Source = model.Config.Source, EosTokenIds = model.Config.EosTokenIds } == model.Config);
    }

    private static int[][] Rows(GoldenTensors golden, string name) =>
        [.. golden.Longs(name).Select(id => (int)id).Chunk((int)golden.Shape(name)[1])];
}
