using Microsoft.ML;
using Microsoft.ML.Data;
using Xunit;
using static MLNet.Dpo.Tests.Labeling.LabeledRows;

namespace MLNet.Dpo.Tests.Labeling;

/// <summary>Pairs of scored responses, against pairs worked out by hand.</summary>
public class PairsTests
{
    private readonly MLContext _ml = new(seed: 1);

    private sealed class Sourced
    {
        public string Prompt { get; set; } = "";

        public string[] Responses { get; set; } = [];

        public float[] Scores { get; set; } = [];

        public string[] Sources { get; set; } = [];

        public string Bad { get; set; } = "";
    }

    private static readonly Sourced[] Rows =
    [
        new() { Prompt = "p", Responses = ["a", "b", "c", "d"], Scores = [3, 1, 2, 1], Sources = ["base", "other", "base", "base"], Bad = "bad" },
        new() { Prompt = "q", Responses = ["x", "y"], Scores = [5, 5], Sources = ["base", "other"] },
    ];

    [Theory]
    [InlineData(PairStrategy.All, "ab ac ad cb cd")]
    [InlineData(PairStrategy.BestAgainstWorst, "ab")]
    [InlineData(PairStrategy.BestAgainstEach, "ab ac ad")]
    public void MakePairs_Strategy_GivesThePairsByHand(PairStrategy strategy, string expected)
    {
        var (pairs, summary) = Make(new PairOptions { Strategy = strategy });
        Assert.Equal(expected, pairs);
        Assert.Equal((2, 1, 1), (summary.Rows, summary.Prompts, summary.RowsWithoutPair));
    }

    [Fact]
    public void MakePairs_GapAndLimit_LeaveOutAndCount()
    {
        var (pairs, summary) = Make(new PairOptions { MinGap = 2 });
        Assert.Equal(("ab ad", 3), (pairs, summary.BelowGap));
        (pairs, summary) = Make(new PairOptions { MaxPairsPerPrompt = 3 });
        Assert.Equal(("ab ac ad", 2), (pairs, summary.OverLimit));
    }

    [Fact]
    public void MakePairs_WeightsAndMasks_StayWithTurnsAndResponses()
    {
        const string Row = """{"messages": [{"role": "user", "content": "p"}, {"role": "assistant", "content": "x", "loss_weight": 0.5}, {"role": "user", "content": "q"}, {"role": "assistant", "content": [{"text": "a", "score": 1}, {"text": "b", "score": 3, "lm_loss_mask": 1}]}]}""";
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["rows.jsonl"], Row);
        var pairs = _ml.Preferences.MakePairs(_ml.Preferences.Load(folder["rows.jsonl"]), new PairOptions { MakeRejected = (_, _) => "never" }).Data;
        Assert.Equal(["b|a", "b|never"], pairs.GetColumn<string[]>("Responses").Select(pair => string.Join("|", pair)));
        Assert.All(pairs.GetColumn<float[]>("LossWeights"), weights => Assert.Equal([0, 0.5f, 0], weights));
        Assert.All(pairs.GetColumn<float[]>("LmLossMasks"), masks => Assert.Equal([1, 0], masks));
    }

    [Fact]
    public void MakePairs_OwnRejected_StandAgainstTheBest()
    {
        var (pairs, summary) = Make(new PairOptions { Strategy = PairStrategy.OwnRejected, RejectedColumnName = "Bad" });
        Assert.Equal(("abad", 1), (pairs, summary.OwnRejected));
        (pairs, _) = Make(new PairOptions { Strategy = PairStrategy.BestAgainstWorst, MakeRejected = (prompt, chosen) => prompt + chosen });
        Assert.Equal("ab apa xqx", pairs);
        Assert.Contains("set one of them", Assert.Throws<ArgumentException>(() => Make(new PairOptions { Strategy = PairStrategy.OwnRejected })).Message);
    }

    [Fact]
    public void MakePairs_Sources_AreKeptApartAndTheirShareSaid()
    {
        var (pairs, summary) = Make(new PairOptions { ChosenSources = ["base"], RejectedSources = ["other"], OnPolicySource = "base" });
        Assert.Equal(("ab cb", 0.5), (pairs, summary.OnPolicyShare));
        Assert.Equal([("base", 2), ("other", 2)], summary.Sources.Select(source => (source.Key, source.Value)));
        Assert.Contains("on-policy 50.0 %, sources: base 2, other 2", summary.ToString());
        var unsourced = Labels(_ml, new Labelled { Prompt = "p", Responses = ["a", "b"], Scores = [1, 0] });
        Assert.StartsWith("Column Sources is missing", Assert.Throws<ArgumentException>(() => _ml.Preferences.MakePairs(unsourced, new PairOptions { OnPolicySource = "base" })).Message);
    }

    [Fact]
    public void MakePairs_IdenticalAndUnscored_AreCounted()
    {
        var view = Labels(_ml, new Labelled { Prompt = "p", Responses = ["same", "same", "other", "none"], Scores = [2, 1, 0, float.NaN] });
        var summary = _ml.Preferences.MakePairs(view).Summary;
        Assert.Equal((2, 1, 1), (summary.Pairs, summary.IdenticalTexts, summary.Unscored));
        Assert.StartsWith("No pair came out: 0 pairs of 0 prompts", Assert.Throws<PreferenceDataException>(() => _ml.Preferences.MakePairs(Labels(_ml, new Labelled { Prompt = "p", Responses = ["a"], Scores = [1] }))).Message);
    }

    [Fact]
    public void MakePairs_ScorersScores_NeedAnAgreement()
    {
        var samples = Answers(_ml, "p", "long one", "short");
        var scored = _ml.Data.Cache(_ml.Preferences.Scorers.Length(LengthGoal.Shorter).Fit(samples).Transform(samples));
        string Refused(ScorerAgreement? agreement) => Assert.Throws<ArgumentException>(() => _ml.Preferences.MakePairs(scored, new PairOptions { Agreement = agreement })).Message;
        Assert.StartsWith("No pairs are built: the scores are what Length(Shorter, Characters) says, and nobody has compared it with people's labels.", Refused(null));
        Assert.StartsWith("No pairs are built: the scorer was compared with 29 labels, fewer than 30.", Refused(Agreement(0.9, 29)));
        Assert.StartsWith("No pairs are built: the scorer agrees with people in 74.0 % of pairs (95 % interval 60.0 to 80.0 %), less than 75 %.", Refused(Agreement(0.74, 30)));
        Assert.Equal(1, _ml.Preferences.MakePairs(scored, new PairOptions { Agreement = Agreement(0.75, 30) }).Summary.Pairs);
        Assert.Equal(1, _ml.Preferences.MakePairs(scored, new PairOptions { Agreement = Agreement(0.5, 3), AllowLowAgreement = true }).Summary.Pairs);
        Assert.Equal(1, _ml.Preferences.MakePairs(scored, new PairOptions { AllowLowAgreement = true }).Summary.Pairs);
    }

    [Fact]
    public void MakePairs_Conversations_TokenizeAsTheyAre()
    {
        var view = _ml.Data.LoadFromEnumerable([new { Messages = """[{"role": "system", "content": "Be brief."}, {"role": "user", "content": "hi"}]""", Responses = new[] { "a", "b" }, Scores = new[] { 0f, 1f } }]);
        var pairs = _ml.Preferences.MakePairs(view).Data;
        Assert.Equal(["b", "a"], pairs.GetColumn<string[]>("Responses").Single());
        Assert.Equal([1f, 0f], pairs.GetColumn<float[]>("Scores").Single());
        var tokens = _ml.Preferences.Tokenize(Fixtures.TinyChatml).Fit(pairs).Transform(pairs);
        Assert.Equal(2, tokens.GetColumn<int[]>("ResponseLengths").Single().Length);
    }

    [Fact]
    public void MakePairs_ToolsAndTemplateVariables_GoWithTheirPrompt()
    {
        const string Tools = """[{"name":"clock"}]""";
        var view = _ml.Data.LoadFromEnumerable([new { Prompt = "hi", Responses = new[] { "a", "b" }, Scores = new[] { 0f, 1f }, Tools, ChatTemplateArguments = """{"thinking":true}""" }]);
        var pairs = _ml.Preferences.MakePairs(view).Data;
        Assert.Equal((Tools, """{"thinking":true}"""), (pairs.GetColumn<string>("Tools").Single(), pairs.GetColumn<string>("ChatTemplateArguments").Single()));
    }

    private static ScorerAgreement Agreement(double accuracy, int labels) => new(accuracy, 0.6, 0.8, 0.5, labels, labels, 0, 0, 0, 0, "Length");

    private (string Pairs, PairSummary Summary) Make(PairOptions options)
    {
        var set = _ml.Preferences.MakePairs(_ml.Data.LoadFromEnumerable(Rows), options);
        return (string.Join(' ', set.Data.GetColumn<string[]>("Responses").Select(pair => pair[0] + pair[1])), set.Summary);
    }
}
