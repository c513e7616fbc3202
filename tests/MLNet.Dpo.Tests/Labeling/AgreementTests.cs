using Microsoft.ML;
using Xunit;
using static MLNet.Dpo.Tests.Labeling.LabeledRows;

namespace MLNet.Dpo.Tests.Labeling;

/// <summary>Agreement of scorers with people, against numbers worked out by hand.</summary>
public class AgreementTests
{
    private readonly MLContext _ml = new(seed: 1);

    [Fact]
    public void Agreement_PairsAndTies_AreCountedByHand()
    {
        // The scorer is the length. Row a: people 3 > 2 > 1 = 1. Row b: people against the length. Row c: a tie of the scorer. Row d: people say nothing.
        var labels = Labels(_ml,
            new Labelled { Prompt = "a", Responses = ["1234", "123", "12", "1"], Scores = [3, 2, 1, 1] },
            new Labelled { Prompt = "b", Responses = ["1", "12"], Scores = [1, 0] },
            new Labelled { Prompt = "c", Responses = ["12", "34"], Scores = [0, 1] },
            new Labelled { Prompt = "d", Responses = ["12", "34"], Scores = [5, 5] });
        var agreement = _ml.Preferences.Agreement(labels, Longer(labels));
        // Pairs: 5 of a (all hits), 1 of b (no hit), 1 of c (a tie); people's ties: 1 of a, 1 of d, of which d's is shared.
        Assert.Equal((3, 7, 1, 2, 0, 0), (agreement.Labels, agreement.Pairs, agreement.ScorerTies, agreement.PeopleTies, agreement.SeenLabels, agreement.UnscoredLabels));
        Assert.Equal(5.0 / 7, agreement.Accuracy, 1e-12);
        // Observed (5 + 1) / 9; ties: people 2 / 9, scorer 2 / 9; by chance (7/9 · 7/9) / 2 + 4/81.
        var chance = (49.0 / 162) + (4.0 / 81);
        Assert.Equal(((6.0 / 9) - chance) / (1 - chance), agreement.Kappa, 1e-12);
        Assert.True(agreement.Lower < 5.0 / 7 && agreement.Upper > 5.0 / 7);
        Assert.StartsWith("Length(Longer, Characters): accuracy 71.4 % (95 % interval ", agreement.ToString());
    }

    [Fact]
    public void Agreement_IndependentPairs_HasWilsonsInterval()
    {
        // 24 hits of 30, a prompt each; Wilson's interval for 24 of 30 is 0.6269 to 0.9050.
        var labels = Labels(_ml, [.. Enumerable.Range(0, 30).Select(i => Pair($"p{i}", i < 24))]);
        var agreement = _ml.Preferences.Agreement(labels, Longer(labels));
        Assert.Equal((0.8, 30), (agreement.Accuracy, agreement.Labels));
        Assert.Equal(0.6, agreement.Kappa, 1e-12);
        // The spread of the sample, with n - 1, makes the 30 prompts worth 29.
        Assert.InRange(agreement.Lower, 0.615, 0.627);
        Assert.InRange(agreement.Upper, 0.9050, 0.909);
    }

    [Fact]
    public void Agreement_ManyPairsOfFewPrompts_AreWorthLess()
    {
        // Ten pairs a prompt, all hits or none: no more is known than from a pair each.
        Labelled Row(int i, bool isHit) => new() { Prompt = $"p{i}", Responses = ["1", "12", "123", "1234", "12345"], Scores = isHit ? [1, 2, 3, 4, 5] : [5, 4, 3, 2, 1] };
        var few = Labels(_ml, [.. Enumerable.Range(0, 10).Select(i => Row(i, i < 8))]);
        var single = Labels(_ml, [.. Enumerable.Range(0, 10).Select(i => Pair($"p{i}", i < 8))]);
        var (dependent, independent) = (_ml.Preferences.Agreement(few, Longer(few)), _ml.Preferences.Agreement(single, Longer(single)));
        Assert.Equal((100, 10), (dependent.Pairs, independent.Pairs));
        Assert.Equal(independent.Lower, dependent.Lower, 1e-12);
    }

    [Fact]
    public void Agreement_ChosenAlwaysFirst_KappaIsNotZero()
    {
        var labels = Labels(_ml, [.. Enumerable.Range(0, 4).Select(i => new Labelled { Prompt = $"p{i}", Responses = ["12", "1"], Scores = [1, 0] })]);
        Assert.Equal(1, _ml.Preferences.Agreement(labels, Longer(labels)).Kappa, 1e-12);
    }

    [Fact]
    public void Agreement_TrainedOn_LeavesTheirPromptsOut()
    {
        var labels = Labels(_ml, Pair("a", true), Pair("b", false), Pair("c", true));
        var agreement = _ml.Preferences.Agreement(labels, Longer(labels), trainedOn: Labels(_ml, Pair("b", true)));
        Assert.Equal((1.0, 2, 1), (agreement.Accuracy, agreement.Labels, agreement.SeenLabels));
    }

    [Fact]
    public void Agreement_UnscoredResponses_AreCounted()
    {
        var labels = Labels(_ml, Pair("a", true), Pair("b", true));
        var scorer = _ml.Preferences.Scorers.Custom("some", (prompt, responses) => [.. responses.Select(r => prompt == "a" ? float.NaN : r.Length)]).Fit(labels);
        Assert.Equal((1, 1), (_ml.Preferences.Agreement(labels, scorer).Labels, _ml.Preferences.Agreement(labels, scorer).UnscoredLabels));
    }

    [Fact]
    public void Agreement_WithItsOwnScoresAsLabels_IsRefused()
    {
        var labels = _ml.Data.LoadFromEnumerable([new Sample { Prompt = "a", Responses = ["1", "12"] }]);
        var scorer = Longer(labels);
        Assert.StartsWith("Column Scores holds what the scorer Length(Longer, Characters) says, not people's labels",
            Assert.Throws<ArgumentException>(() => _ml.Preferences.Agreement(scorer.Transform(labels), scorer)).Message);
    }

    [Fact]
    public void TrainTestSplit_RowsOfAPrompt_StayTogether()
    {
        var split = _ml.Preferences.TrainTestSplit(Labels(_ml, [.. Enumerable.Range(0, 200).Select(i => Pair($"p{i % 50}", true))]), 0.3, seed: 3);
        HashSet<string> Prompts(IDataView view) => [.. _ml.Data.CreateEnumerable<Labelled>(view, reuseRowObject: false).Select(row => row.Prompt)];
        var (train, test) = (Prompts(split.TrainSet), Prompts(split.TestSet));
        Assert.Equal(50, train.Count + test.Count);
        Assert.InRange(test.Count, 5, 25);
        Assert.Empty(train.Intersect(test));
    }

    private ScoringTransformer Longer(IDataView data) => _ml.Preferences.Scorers.Length(LengthGoal.Longer).Fit(data);

    private static Labelled Pair(string prompt, bool longerIsBetter) => new() { Prompt = prompt, Responses = ["12", "1"], Scores = longerIsBetter ? [1, 0] : [0, 1] };
}
