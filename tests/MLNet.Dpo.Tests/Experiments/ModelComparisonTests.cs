using Microsoft.ML;
using Xunit;

namespace MLNet.Dpo.Tests.Experiments;

/// <summary>Checkpoints and models side by side.</summary>
public sealed class ModelComparisonTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _ml = new(seed: 1);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Compare_ARun_ShowsEveryCheckpointAndTheMetricsOfEvaluate()
    {
        using var model = TinyRuns.Train(_ml, _folder["run"]);
        var validation = TinyRuns.Data(_ml, 4);
        var options = new ComparisonOptions { KlCompletions = 210, MaxNewTokens = 4, Generation = new GenerationOptions { MaxNewTokens = 5 }, Metrics = new Dictionary<string, Func<string, string, double>> { ["length"] = (_, answer) => answer.Length } };
        var comparison = _ml.Preferences.Compare([_folder["run"]], validation, ["Hi!", "What is\n<b>?", "Why?"], options);
        Assert.Equal(["checkpoint-2", "checkpoint-4"], comparison.Models.Select(m => m.Name));
        var last = comparison.Models[1];
        Assert.Equal(_ml.Preferences.Evaluate(_ml.Preferences.Score(model, validation)), last.Preferences);
        Assert.Equal(210, last.Kl!.Count);
        Assert.True(last.Kl.Lower <= last.Kl.Mean && last.Kl.Mean <= last.Kl.Upper && last.Kl.Upper > 0);
        Assert.Equal(last.Responses.Average(r => r.Length), last.Metrics["length"].Mean, 9);
        Assert.Equal(3, last.Responses.Count);

        var text = comparison.ToString();
        foreach (var part in new[] { "KL to reference", "checkpoint-4", "accuracy", "length", "What is <b>?" }) Assert.Contains(part, text, StringComparison.Ordinal);
        comparison.SaveHtml(_folder["compared.html"]);
        var page = File.ReadAllText(_folder["compared.html"]);
        foreach (var part in new[] { "<svg", "&lt;b&gt;", "Answers", "checkpoint-2" }) Assert.Contains(part, page, StringComparison.Ordinal);
    }

    [Fact]
    public void Compare_OfAnUntrainedAdapter_HasNoDivergence_AndABaseHasNoReference()
    {
        TinyRuns.Train(_ml, _folder["run"], o => (o.LearningRate, o.SaveSteps) = (1e-30, 4)).Dispose();
        using var bare = _ml.Preferences.LoadPretrained(Fixtures.Llama, Fixtures.TinyChatml, "cpu");
        var comparison = _ml.Preferences.Compare([_ml.Preferences.Candidate(bare, "base"), _ml.Preferences.Candidate(_folder["run/checkpoint-4"])], TinyRuns.Data(_ml, 2), null, new ComparisonOptions { KlCompletions = 6, MaxNewTokens = 3, Generation = new GenerationOptions { MaxNewTokens = 3 } });
        Assert.Null(comparison.Models[0].Kl);
        Assert.Null(comparison.Models[0].Preferences);
        Assert.DoesNotContain("different beta", comparison.ToString(), StringComparison.Ordinal);
        Assert.Contains("base has no reference", comparison.ToString(), StringComparison.Ordinal);
        Assert.Equal(0, comparison.Models[1].Kl!.Mean, 6);
        Assert.Equal(2, comparison.Prompts.Count);
        Assert.Equal(comparison.Models[0].Responses, comparison.Models[1].Responses);
    }

    [Fact]
    public void Kl_OfAModelThatIsFarAway_IsThatOfItsDistributions()
    {
        // One token, so that the divergence is a sum over the vocabulary: sampled and summed up must agree.
        using var model = TinyRuns.Train(_ml, _folder["run"], o => (o.LearningRate, o.SaveSteps) = (0.05, 4));
        var options = new ComparisonOptions { KlCompletions = 2000, MaxNewTokens = 1, Generation = new GenerationOptions { MaxNewTokens = 1 } };
        var result = _ml.Preferences.Compare([_ml.Preferences.Candidate(model, "tuned")], null, ["Hi!"], options).Models[0];
        var exact = FirstTokenDivergence(model.LastTransformer, model, "Hi!");
        Assert.True(exact > 0.05, $"{exact}");
        Assert.InRange(result.Kl!.Mean, exact * 0.8, exact * 1.2);
        Assert.True(double.IsNaN(result.Kl.Lower)); // one prompt says nothing of others
    }

    [Fact]
    public void Compare_WhatCannotBeCompared_IsAnError()
    {
        using var bare = _ml.Preferences.LoadPretrained(Fixtures.Llama, Fixtures.TinyChatml, "cpu");
        Assert.Contains("models is empty", Assert.Throws<ArgumentException>(() => _ml.Preferences.Compare(Array.Empty<ComparedModel>(), null, ["Hi!"])).Message, StringComparison.Ordinal);
        ComparedModel[] twice = [_ml.Preferences.Candidate(bare, "a"), _ml.Preferences.Candidate(bare, "a")];
        Assert.Contains("named 'a'", Assert.Throws<ArgumentException>(() => _ml.Preferences.Compare(twice, null, ["Hi!"])).Message, StringComparison.Ordinal);
        Assert.Contains("neither prompts nor validation", Assert.Throws<ArgumentException>(() => _ml.Preferences.Compare(twice[..1])).Message, StringComparison.Ordinal);
        Assert.Contains("does not exist", Assert.Throws<FileNotFoundException>(() => _ml.Preferences.Compare([_folder["none"]], null, ["Hi!"])).Message, StringComparison.Ordinal);
        var options = new ComparisonOptions { Generation = new GenerationOptions { MaxNewTokens = 1 }, Metrics = new Dictionary<string, Func<string, string, double>> { ["own"] = (_, _) => double.NaN } };
        Assert.Contains("The metric 'own' is NaN", Assert.Throws<ArgumentException>(() => _ml.Preferences.Compare(twice[..1], null, ["Hi!"], options)).Message, StringComparison.Ordinal);
        options.KlCompletions = 0;
        Assert.Contains("KlCompletions is 0", Assert.Throws<ArgumentException>(() => _ml.Preferences.Compare(twice[..1], null, ["Hi!"], options)).Message, StringComparison.Ordinal);
    }

    private static double FirstTokenDivergence(CausalLMTransformer transformer, ITransformer chain, string prompt)
    {
        var tokens = MLNet.Dpo.DataViews.PipelineParts.Find<PreferenceTokenizingTransformer>(chain).RowTokenizer.Checked(new MLNet.Dpo.DataViews.PreferenceRow("", MLNet.Dpo.DataViews.ChatText.Of(prompt), [])).PromptTokens;
        var vocabulary = transformer.Model.Network.Config.VocabSize;
        var every = new[] { Enumerable.Range(0, vocabulary).Select(id => new MLNet.Dpo.Generation.Completed("", FinishReason.Length) { Tokens = [id] }).ToArray() };
        var ratios = transformer.LogRatios([tokens], every, default)[0];
        var rows = new[] { new MLNet.Dpo.DataViews.TokenizedRow(new MLNet.Dpo.DataViews.TokenizedGroup(tokens, [.. Enumerable.Range(0, vocabulary).Select(id => new[] { id })]), []) };
        var logps = ((MLNet.Dpo.DataViews.IRowModel)transformer).Run(rows, new MLNet.Dpo.DataViews.WantedResults(false, true, false), 0, default)[0].Logps!;
        return logps.Zip(ratios, (logp, ratio) => Math.Exp(logp) * ratio).Sum();
    }
}
