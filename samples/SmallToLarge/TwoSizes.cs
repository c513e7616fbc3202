using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Dpo;
using TinyChat;

namespace SmallToLarge;

/// <summary>
/// First a small model, then the large one: options are cheap to try on the small one, and what is best there is a good guess for the large one, which is then trained once. Whether it was a good guess, the last table says.
/// </summary>
internal sealed class TwoSizes(DirectoryInfo output, int prompts, int heldOut, CancellationToken cancellation)
{
    private const int SamplesPerPrompt = 6;
    private const double MostLoss = 0.02; // of sensible answers, for a run to win

    private readonly MLContext _ml = new(seed: 1);
    private readonly IReadOnlyList<DemoPrompt> _heldOut = TinyChatCorpus.DemoPrompts(PromptSplit.HeldOut, seed: 2, heldOut);

    /// <summary>Sweeps on the small model, trains the large one, and compares.</summary>
    public void Run()
    {
        output.Create();
        Console.WriteLine($"The small model ({Path.GetFileName(ChatModel.Small)}), tried with several options:");
        var small = Data(ChatModel.Small);
        var judging = ChatModel.Judging(_heldOut, cancellation);
        var sweep = _ml.Preferences.Sweep(small.TrainSet, small.TestSet, new SweepOptions
        {
            Baseline = ChatModel.Baseline(),
            Axes = ChatModel.Axes,
            OutputDirectory = Path.Combine(output.FullName, "sweep"),
            Prompts = [.. _heldOut.Select(p => p.Prompt)],
            Comparison = judging,
        });
        Console.WriteLine(sweep);
        sweep.SaveHtml(Path.Combine(output.FullName, "sweep.html"));
        var sensible = sweep.Runs.Max(run => run.Result?.Metrics["sensible"].Mean ?? 0);
        var winner = sweep.Best(result => result.Metrics["sensible"].Mean < sensible - MostLoss ? -1 : result.Metrics["terse"].Mean);
        Console.WriteLine($"The winner is {winner.Name}: the tersest of those within {MostLoss * 100:0} points of the most sensible answers. The plots are in sweep.html.");

        Console.WriteLine($"\nThe large model ({Path.GetFileName(ChatModel.Large)}), trained once with the winner's options on pairs of its own answers:");
        var large = Data(ChatModel.Large);
        using var tuned = Train(large.TrainSet, winner.Options);
        using var untuned = _ml.Preferences.LoadPretrained(ChatModel.Large);
        using var smallUntuned = _ml.Preferences.LoadPretrained(ChatModel.Small);
        var comparison = _ml.Preferences.Compare(
            [_ml.Preferences.Candidate(smallUntuned, "small untuned"), _ml.Preferences.Candidate(untuned, "large untuned"), _ml.Preferences.Candidate(tuned, "large tuned")],
            large.TestSet,
            _heldOut.Select(p => p.Prompt),
            judging);
        Console.WriteLine(comparison);
        comparison.SaveHtml(Path.Combine(output.FullName, "compared.html"));
    }

    /// <summary>Pairs of a model's own answers, split by prompt.</summary>
    private DataOperationsCatalog.TrainTestData Data(string folder)
    {
        var asked = TinyChatCorpus.DemoPrompts(PromptSplit.Training, seed: 1, prompts);
        using var model = _ml.Preferences.LoadPretrained(folder);
        var pairs = ChatModel.Pairs(_ml, _ml.Preferences.Sample(model, asked.Select(p => p.Prompt), ChatModel.Sampling, SamplesPerPrompt, cancellation), asked);
        Console.WriteLine($"{pairs.Summary.Pairs} pairs of {pairs.Summary.Prompts} prompts.");
        return _ml.Preferences.TrainTestSplit(pairs.Data, testFraction: 0.15);
    }

    private TransformerChain<CausalLMTransformer> Train(IDataView pairs, DpoTrainer.Options winner)
    {
        winner.BaseModel = ChatModel.Large;
        winner.CancellationToken = cancellation;
        winner.OutputDirectory = Path.Combine(output.FullName, "large");
        winner.OverwriteOutputDirectory = true;
        return ChatModel.Train(_ml, pairs, winner);
    }
}
