using Microsoft.ML;
using Microsoft.ML.Data;
using Xunit;
using static MLNet.Dpo.Tests.Labeling.LabeledRows;

namespace MLNet.Dpo.Tests.Labeling;

/// <summary>Chat models as scorers: their numbers are those of their own columns, alone and after saving.</summary>
public class NetworkScorerTests
{
    private readonly MLContext _ml = new(seed: 1);

    private sealed class Pair
    {
        public string Prompt { get; set; } = "";

        public string Chosen { get; set; } = "";

        public string Rejected { get; set; } = "";
    }

    [Fact]
    public void MeanLogpAndImplicitReward_OfATunedModel_AreItsColumns()
    {
        using var folder = new TemporaryFolder();
        var pairs = _ml.Data.LoadFromEnumerable([new Pair { Prompt = "hi", Chosen = "hello", Rejected = "good morning" }]);
        var options = new DpoTrainer.Options { BaseModel = Fixtures.Llama, Beta = 0.5, LearningRate = 1e-2, Epochs = 2, Device = "cpu" };
        using var model = _ml.Preferences.Tokenize(Fixtures.TinyChatml).Append(_ml.Preferences.Trainers.Dpo(options)).Fit(pairs);
        var samples = Answers(_ml, "hi", "hello", "good morning to you", "x");
        var columns = _ml.Preferences.Score(model, samples);
        var rewards = columns.GetColumn<float[]>("Rewards").Single();
        var means = columns.GetColumn<float[]>("Logps").Single().Zip(columns.GetColumn<int[]>("ResponseLengths").Single(), (logp, length) => logp / length);

        var scorer = _ml.Preferences.Scorers.ImplicitReward(model).Append(_ml.Preferences.Scorers.MeanLogp(model, "Mean")).Fit(samples);
        AssertClose(rewards, Scores(scorer, samples)[0]);
        AssertClose(means, Scores(scorer, samples, "Mean")[0]);
        Assert.Equal(["Prompt", "Responses", "Scores", "Mean"], scorer.Transform(samples).Schema.Select(column => column.Name));

        _ml.Model.Save(scorer, samples.Schema, folder["scorer.zip"]);
        var loaded = new MLContext().Model.Load(folder["scorer.zip"], out _);
        AssertClose(rewards, Scores(loaded, samples)[0]);
        AssertClose(means, Scores(loaded, samples, "Mean")[0]);
    }

    [Fact]
    public void ImplicitReward_ModelWithoutReference_IsRefused()
    {
        using var model = _ml.Preferences.LoadPretrained(Fixtures.Llama, Fixtures.TinyChatml);
        Assert.StartsWith("The model has no reference, so it has no implicit reward;", Assert.Throws<ArgumentException>(() => _ml.Preferences.Scorers.ImplicitReward(model)).Message);
        Assert.Equal(2, Scores(_ml.Preferences.Scorers.MeanLogp(model), Answers(_ml, "hi", "a", "b")).Count(float.IsFinite));
    }

    private static void AssertClose(IEnumerable<float> expected, IEnumerable<float> actual) =>
        Assert.All(expected.Zip(actual, (e, a) => Math.Abs(e - a)), difference => Assert.InRange(difference, 0, 1e-4));
}
