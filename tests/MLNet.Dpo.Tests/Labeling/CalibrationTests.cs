using Microsoft.ML;
using Xunit;
using static MLNet.Dpo.Tests.Labeling.LabeledRows;

namespace MLNet.Dpo.Tests.Labeling;

/// <summary>Scores as probabilities that people take a response.</summary>
public sealed class CalibrationTests
{
    private readonly MLContext _ml = new(seed: 1);

    private PreferencesCatalog.ScorerCatalog Scorers => _ml.Preferences.Scorers;

    [Theory]
    [InlineData(CalibratorKind.Platt)]
    [InlineData(CalibratorKind.Isotonic)]
    public void Calibrate_OnNoisyLabels_IsMonotoneAndBetterThanRaw(CalibratorKind kind)
    {
        var (train, held) = (Noisy(400, seed: 1), Noisy(400, seed: 2));
        var chain = Scorers.Length(LengthGoal.Longer, outputColumnName: "Raw").Append(Scorers.Calibrate("Raw", kind)).Fit(train);
        string[] lengths = [.. Enumerable.Range(1, 12).Select(n => new string('x', n))];
        var probabilities = Scores(chain, Answers(_ml, "new", lengths))[0];
        Assert.All(probabilities, p => Assert.InRange(p, 0, 1));
        Assert.Equal(probabilities.Order(), probabilities);
        Assert.True(probabilities[^1] > probabilities[0] + 0.3);

        var (before, after) = (_ml.Preferences.Reliability(held, chain, scoresColumnName: "Raw"), _ml.Preferences.Reliability(held, chain));
        Assert.True(before.IsSquashed && !after.IsSquashed);
        Assert.True(after.ExpectedCalibrationError < before.ExpectedCalibrationError / 2, $"{before}\n{after}");
        Assert.True(after.BrierScore < before.BrierScore);
    }

    [Fact]
    public void Calibrate_ScorerOfTheSameColumn_StillReadsPeoplesScores()
    {
        var chain = Scorers.Length(LengthGoal.Longer).Append(Scorers.Calibrate()).Fit(Noisy(100, seed: 1));
        using var folder = new TemporaryFolder();
        _ml.Model.Save(chain, null, folder["calibrated.zip"]);
        var answers = Answers(_ml, "new", "x", "xxxxxxxxxx");
        var scores = Scores(_ml.Model.Load(folder["calibrated.zip"], out _), answers)[0];
        Assert.Equal(Scores(chain, answers)[0], scores);
        Assert.True(scores[1] > scores[0]);
        Assert.Contains("of 100 rows, 100 are of prompts that the scorer was fitted to", Assert.Throws<PreferenceDataException>(() => _ml.Preferences.Agreement(Noisy(100, seed: 1), chain)).Message);
    }

    [Fact]
    public void Calibrate_ScorerAgainstPeople_IsRefused() => Assert.StartsWith(
        "The scores in Scores do not rise with people's: their probabilities go from ",
        Assert.Throws<PreferenceDataException>(() => Scorers.Length(LengthGoal.Shorter).Append(Scorers.Calibrate()).Fit(Noisy(200, seed: 1))).Message);

    [Fact]
    public void Reliability_OfProbabilities_IsTheTableByHand()
    {
        var labels = Labels(_ml, new Labelled { Prompt = "a", Responses = ["0.9", "0.15"], Scores = [1, 0] }, new Labelled { Prompt = "b", Responses = ["0.95", "0.1"], Scores = [0, 1] });
        var scorer = Scorers.Custom("said", (_, responses) => [.. responses.Select(r => float.Parse(r, System.Globalization.CultureInfo.InvariantCulture))]).Fit(labels);
        var table = _ml.Preferences.Reliability(labels, scorer, bins: 5);
        Assert.Equal([0.0, 0.8], table.Bins.Select(bin => bin.From));
        Assert.Equal([0.5, 0.5], table.Bins.Select(bin => bin.ShareTaken));
        Assert.Equal(0.125, table.Bins[0].MeanProbability, 1e-6);
        Assert.Equal((0.375 + 0.425) / 2, table.ExpectedCalibrationError, 1e-6);
        Assert.Equal(((0.1 * 0.1) + (0.15 * 0.15) + (0.95 * 0.95) + (0.9 * 0.9)) / 4, table.BrierScore, 1e-6);
        Assert.Contains("calibration error 0.400", table.ToString());
    }

    // The longer response is the better one with a probability that rises with the difference.
    private IDataView Noisy(int rows, int seed)
    {
        var random = new Random(seed);
        return Labels(_ml, [.. Enumerable.Range(0, rows).Select(i =>
        {
            int first = random.Next(1, 13), second = random.Next(1, 13);
            var firstWins = random.NextDouble() < 1 / (1 + Math.Exp((second - first) / 4.0));
            return new Labelled { Prompt = $"p{i}", Responses = [new string('x', first), new string('x', second)], Scores = firstWins ? [1, 0] : [0, 1] };
        })]);
    }
}
