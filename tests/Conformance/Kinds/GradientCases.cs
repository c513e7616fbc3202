using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using MLNet.Dpo.Training;
using MLNet.Dpo.Training.Objectives;

namespace MLNet.Dpo.Conformance;

/// <summary>
/// Gradients of every trained tensor, all weights or LoRA, under the mean next-token cross entropy of a few sequences. They come from the
/// trainer's own path: packed batches, the head's direct gradient, the adapters.
/// </summary>
public static partial class GradientCases
{
    private const double Tolerance = 1e-4; // norm of the difference over the norm, a tensor at a time

    /// <summary>Whether the folder is of this kind.</summary>
    public static bool Matches(string folder) => File.Exists(Path.Combine(folder, "grads.json")) || File.Exists(Path.Combine(folder, "grads.safetensors"));

    /// <summary>Checks the folder; the model, and the adapter that the description names, are looked for beside the gradients' folder.</summary>
    public static CaseReport Run(string folder)
    {
        var expected = GoldenJson.Read(folder, "grads.json");
        using var golden = new GoldenTensors(Path.Combine(folder, "grads.safetensors"));
        var options = Options(folder, expected);
        using var inputs = new GoldenTensors(Path.Combine(options.Lora?.InitialAdapter ?? options.BaseModel, "expected.safetensors"));
        var run = TrainingRun.Prepare(options);
        using var model = run.Model;

        var comparison = new Comparison(folder);
        CheckNames(golden, run, comparison);
        var sequences = ModelRunner.Sequences(inputs).ToArray();
        comparison.Check("another number of predicted positions", sequences.Sum(s => s.Length - 1) == expected.Need("positions").GetValue<int>());
        foreach (var way in Ways(sequences)) CheckWay(way, expected, golden, run, comparison);
        return comparison.Report();
    }

    private static SftTrainer.Options Options(string folder, JsonNode expected)
    {
        var adapter = AdapterName().Match(expected.Need("description").Text());
        var options = new SftTrainer.Options
        {
            BaseModel = GoldenFolders.Find(folder, expected.Need("base").Text()),
            Lora = adapter.Success ? new LoraOptions { InitialAdapter = GoldenFolders.Find(folder, adapter.Value) } : null,
            Device = "cpu",
        };
        options.Validate();
        return options;
    }

    private static void CheckNames(GoldenTensors golden, TrainingRun run, Comparison comparison)
    {
        var (theirs, ours) = (golden.Names.ToHashSet(), run.Parameters.Select(p => p.Key).ToHashSet());
        foreach (var name in theirs.Except(ours).Order(StringComparer.Ordinal)) comparison.Check($"{name} is not trained here", false);
        foreach (var name in ours.Except(theirs).Order(StringComparer.Ordinal)) comparison.Check($"{name} is trained only here", false);
    }

    // The mean over all positions is the same however the sequences are packed, and when each is there twice behind one first token.
    private static IEnumerable<Way> Ways(int[][] sequences)
    {
        var apart = sequences.Select((tokens, row) => new PreferenceExample(row, [], [tokens], [1])).ToArray();
        var twice = sequences.Select((tokens, row) => new PreferenceExample(row, tokens[..1], [tokens[1..], tokens[1..]], [1, 1])).ToArray();
        return [new("packed", apart, int.MaxValue), new("one at a time", apart, 1), new("behind a shared prompt", twice, int.MaxValue)];
    }

    private static void CheckWay(Way way, JsonNode expected, GoldenTensors golden, TrainingRun run, Comparison comparison)
    {
        foreach (var (_, parameter) in run.Parameters) parameter.grad = null;
        var metrics = new SftObjective(run.Model, way.MaxTokens).AccumulateGradients(way.Rows);
        CheckRelative($"loss, {way.Name}", metrics["loss"], expected.Need("loss_value").GetValue<double>(), comparison);
        CheckRelative($"grad_norm, {way.Name}", GradientClipping.Clip(run.Parameters.Select(p => p.Value), 0), expected.Need("grad_norm").GetValue<double>(), comparison);
        foreach (var (name, parameter) in run.Parameters.Where(p => golden.Has(p.Key)))
        {
            if (parameter.grad is { } gradient) comparison.Check($"{name}, {way.Name}", Error(gradient.data<float>().ToArray(), golden.Floats(name)), Tolerance);
            else comparison.Check($"{name}, {way.Name}: no gradient", false);
        }
    }

    private static void CheckRelative(string what, double ours, double theirs, Comparison comparison) =>
        comparison.Check(what, Math.Abs(ours - theirs) / Math.Abs(theirs), Tolerance);

    private static double Error(float[] ours, float[] theirs)
    {
        if (ours.Length != theirs.Length) return double.PositiveInfinity;
        var (difference, norm) = (ours.Zip(theirs, (a, b) => Math.Pow((double)a - b, 2)).Sum(), theirs.Sum(b => (double)b * b));
        return norm > 0 ? Math.Sqrt(difference / norm) : Math.Sqrt(difference);
    }

    [GeneratedRegex(@"adapters/[\w.-]+")]
    private static partial Regex AdapterName();

    private sealed record Way(string Name, PreferenceExample[] Rows, int MaxTokens);
}
