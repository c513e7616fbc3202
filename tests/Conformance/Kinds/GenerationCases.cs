using System.Text.Json.Nodes;
using MLNet.Dpo.Generation;
using MLNet.Dpo.Saving;
using static TorchSharp.torch;

namespace MLNet.Dpo.Conformance;

/// <summary>What transformers' sampling leaves of a row of logits, and with which probabilities, and what its beam search finds.</summary>
public static class GenerationCases
{
    private const string Sampling = "sampling.json";

    /// <summary>Whether the folder is of this kind.</summary>
    public static bool Matches(string folder) =>
        new[] { Sampling, BeamCases.Name, "sampling.safetensors", BeamCases.Tensors }.Any(file => File.Exists(Path.Combine(folder, file)));

    /// <summary>Checks the folder.</summary>
    public static CaseReport Run(string folder)
    {
        var comparison = new Comparison(folder);
        var beam = File.Exists(Path.Combine(folder, BeamCases.Name));
        if (!beam || File.Exists(Path.Combine(folder, Sampling)) || File.Exists(Path.Combine(folder, "sampling.safetensors"))) RunSampling(folder, comparison);
        if (beam) BeamCases.Run(folder, comparison);
        return comparison.Report();
    }

    private static void RunSampling(string folder, Comparison comparison)
    {
        var expected = GoldenJson.Read(folder, Sampling);
        using var golden = new GoldenTensors(Path.Combine(folder, "sampling.safetensors"));
        comparison.Part("logits", () => CheckLogits(folder, expected, golden, comparison));
        foreach (var (name, entry) in expected.Need("cases").AsObject()) comparison.Part(name, () => CheckCase(name, entry!, golden, comparison));
    }

    // The row of logits itself, from the model that the cases were made with.
    private static void CheckLogits(string folder, JsonNode expected, GoldenTensors golden, Comparison comparison)
    {
        using var model = ModelFolder.Load(GoldenFolders.Find(folder, expected.Need("base").Text()), CPU);
        var logits = ModelRunner.Run(model, ModelRunner.Sequences(golden).Single()).Logits;
        comparison.Check("logits", Comparison.MaxDifference(logits.AsSpan(^model.Config.VocabSize..), golden.Floats("logits")), 1e-4);
    }

    private static void CheckCase(string name, JsonNode entry, GoldenTensors golden, Comparison comparison)
    {
        var options = new GenerationOptions { Temperature = 1, TopK = 50 }; // what transformers samples with when nothing is set
        var unknown = entry.Need("settings").AsObject().Where(setting => !GenerationSettings.TrySet(options, setting.Key, setting.Value!)).Select(setting => setting.Key).ToList();
        if (unknown.Count > 0)
        {
            comparison.Skip($"{string.Join(", ", unknown)} of {name}");
            return;
        }
        options.Validate();
        var candidates = Sampler.Candidates(LogitsProcessors.Apply(golden.Floats("logits"), ModelRunner.Sequences(golden).Single(), [], [], options), options);
        var scores = golden.Floats(name + ".scores");
        var kept = Enumerable.Range(0, scores.Length).Where(id => !float.IsNegativeInfinity(scores[id])).ToHashSet();
        comparison.Check($"{name}: {candidates.Count} tokens kept instead of {kept.Count}, or others", kept.SetEquals(candidates.Select(c => c.Id)));
        comparison.Check($"{name}: the golden file says {entry.Need("kept")} kept tokens but scores {kept.Count}", entry.Need("kept").GetValue<int>() == kept.Count);
        CheckProbabilities(name, candidates, scores, golden, comparison);
    }

    private static void CheckProbabilities(string name, List<Candidate> candidates, float[] scores, GoldenTensors golden, Comparison comparison)
    {
        var ours = new float[scores.Length];
        foreach (var (id, probability) in candidates) ours[id] = (float)probability;
        comparison.Check($"{name} probabilities", Comparison.MaxDifference(ours, golden.Floats(name + ".probs")), 1e-6);
        // A score is a log-probability but for a constant; here the improbable tokens count as much as the probable.
        var normalizer = Math.Log(scores.Sum(score => Math.Exp(score)));
        comparison.Check($"{name} scores", candidates.Max(c => Math.Abs(Math.Log(c.Probability) - (scores[c.Id] - normalizer))), 1e-5);
    }
}
