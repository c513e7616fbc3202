using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Dpo;
using TinyChat;

namespace Scenarios;

/// <summary>Samples, scores, trains, and measures one scenario before and after on wordings that are held out.</summary>
internal sealed class ScenarioRun(MLContext ml, ITransformer untuned, int prompts, CancellationToken cancellation)
{
    private const int SamplesPerPrompt = 6;

    /// <summary>Runs <paramref name="scenario"/> and prints what came out.</summary>
    public void Run(Scenario scenario)
    {
        Console.WriteLine($"\n{scenario.Name}: {scenario.Wish}");
        if (Pairs(scenario) is not { } pairs)
        {
            Console.WriteLine("  cannot be shown: no sampled answer is better than another, so there is no pair. TinyChat never saw such answers; supervised fine-tuning comes first.");
            return;
        }
        var heldOut = scenario.Prompts(PromptSplit.HeldOut, 40);
        var before = Ask(untuned, heldOut);
        var options = ScenarioModel.DefaultOptions();
        options.CancellationToken = cancellation;
        var tuned = ScenarioModel.Train(ml, pairs.Data, options);
        var after = Ask(tuned, heldOut);
        tuned.LastTransformer.Dispose();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"  {pairs.Summary.Pairs} pairs; on {heldOut.Count} held-out wordings as wished {Share(scenario.Scorer(ml), before)} -> {Share(scenario.Scorer(ml), after)}, sensible {Share(Sensible(heldOut), before)} -> {Share(Sensible(heldOut), after)}"));
        Console.WriteLine($"  {heldOut[0].Prompt} -> {before[0].Responses[0]} -> {after[0].Responses[0]}");
    }

    /// <summary>Pairs of the model's own answers, or null where it never answers as wished.</summary>
    private PairSet? Pairs(Scenario scenario)
    {
        var rows = AnswerRows.Of(ml, Ask(untuned, scenario.Prompts(PromptSplit.Training, prompts)));
        var scored = scenario.Scorer(ml).Fit(rows).Transform(rows);
        // The rule is the wish itself, so there is nobody to agree with; samples/FeedbackLoop checks a scorer against people.
        var options = new PairOptions { MaxPairsPerPrompt = 3, AllowLowAgreement = true };
        var told = scored.GetColumn<float[]>(ColumnNames.Scores).Any(scores => scores.Min() < scores.Max());
        return told ? ml.Preferences.MakePairs(scored, options) : null;
    }

    private IReadOnlyList<PromptSamples> Ask(ITransformer model, IReadOnlyList<DemoPrompt> asked)
    {
        var sampling = new GenerationOptions { Temperature = 0.7, TopK = 10, TopP = 0.95, MaxNewTokens = 64, BatchSize = 128, Seed = 1 };
        return ml.Preferences.Sample(model, asked.Select(p => p.Prompt), sampling, SamplesPerPrompt, cancellation);
    }

    private IEstimator<ITransformer> Sensible(IReadOnlyList<DemoPrompt> asked) => TinyChatScorers.Sensible(ml, asked);

    private string Share(IEstimator<ITransformer> scorer, IReadOnlyList<PromptSamples> answers) =>
        string.Create(CultureInfo.InvariantCulture, $"{AnswerRows.Mean(ml, scorer, answers) * 100:0.0} %");
}
