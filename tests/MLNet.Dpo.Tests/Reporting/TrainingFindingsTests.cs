using Microsoft.ML;
using MLNet.Dpo.Reporting;
using Xunit;

namespace MLNet.Dpo.Tests.Reporting;

/// <summary>Every finding is provoked by a real training, and a healthy one has none.</summary>
public sealed class TrainingFindingsTests
{
    private static readonly string[] Topics = ["tea", "rain", "music", "trains", "bread", "stars", "chess", "gold"];

    // Chosen and rejected of one length in words; what is learned of some topics holds for the others.
    private static readonly Row[] Train = [.. Topics[..6].Select(t => new Row($"what of {t}?", $"{t} is good and fine", $"{t} was bad or worse"))];
    private static readonly Row[] Validation = [.. Topics[6..].Select(t => new Row($"what of {t}?", $"{t} is good and fine", $"{t} was bad or worse"))];
    private static readonly Row[] Turned = [.. Train.Select(row => new Row(row.Prompt, row.Rejected, row.Chosen))];

    [Fact]
    public void Fit_HealthyRun_HasNoFinding() => Assert.Empty(Findings(Train, Validation, o => o.LearningRate = 2e-4));

    [Fact]
    public void Fit_ValidationThatContradicts_Overfits()
    {
        var finding = Provoked(TrainingFindingKind.Overfitting, Train, Turned, _ => { });
        Assert.Contains("Epochs", finding.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_ValidationOfRejectedTexts_SeesChosenFalling()
    {
        Row[] rejected = [.. Train.Select((row, i) => new Row(row.Prompt, row.Rejected, Train[(i + 1) % Train.Length].Rejected))];
        Assert.Contains("LmLossScale", Provoked(TrainingFindingKind.ChosenFalling, Train, rejected, _ => { }).Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_LongerAlwaysChosen_SeesTheLength()
    {
        Row[] longer = [.. Topics.Select(t => new Row($"what of {t}?", $"{t} and {t} and {t} and {t} and {t}", t))];
        Row[] both = [.. longer, .. longer.Select(row => new Row(row.Prompt, row.Rejected, row.Chosen))];
        Assert.Contains("LdAlpha", Provoked(TrainingFindingKind.MarginByLength, longer, both, _ => { }).Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_LongAfterAllIsLearned_IsSaturated() => Provoked(TrainingFindingKind.Saturated, Train, null, o => o.LearningRate = 1e-3);

    [Fact]
    public void Fit_ShortMaxLength_SaysThatTooManyAreCut() =>
        Assert.Contains("MaxLength (it is 24)", Provoked(TrainingFindingKind.TooManyCut, Train, null, o => o.MaxLength = 24).Remedy, StringComparison.Ordinal);

    [Fact]
    public void Fit_HugeLearningRate_IsSaid() => Provoked(TrainingFindingKind.LearningRateTooHigh, [.. Train, .. Turned], null, o => (o.LearningRate, o.Epochs) = (0.05, 6));

    [Fact]
    public void Fit_TinyLearningRate_NothingIsLearned() =>
        Assert.Contains("LearningRate (it is 1E-06) to about 1e-5", Provoked(TrainingFindingKind.NothingLearned, Train, null, o => o.LearningRate = 1e-6).Remedy, StringComparison.Ordinal);

    [Fact]
    public void Fit_PairsThatContradictEachOther_IsFlatFromTheStart() =>
        Assert.Contains("WarmupRatio", Provoked(TrainingFindingKind.FlatFromStart, [.. Train, .. Turned], null, o => o.BatchSize = 12).Remedy, StringComparison.Ordinal);

    [Fact]
    public void Fit_StoppedEarly_HasNotConverged() =>
        Provoked(TrainingFindingKind.NotConverged, Train, Validation, o => (o.LearningRate, o.Epochs) = (2e-4, 5));

    [Fact]
    public void Of_SupervisedTrainingThatMovesNothing_SaysSo()
    {
        var series = new RunSeries();
        for (var step = 1; step <= 20; step++) series.Add(step, new Dictionary<string, double> { ["loss"] = 2.0 });
        Assert.Contains(TrainingFindings.Of(series, RunRecord.Unknown), f => f.Kind == TrainingFindingKind.NothingLearned);
    }

    [Fact]
    public void Of_NoSteps_HasNoFinding() => Assert.Empty(TrainingFindings.Of(new RunSeries(), RunRecord.Unknown));

    private static TrainingFinding Provoked(TrainingFindingKind kind, Row[] train, Row[]? validation, Action<DpoTrainer.Options> change) =>
        Findings(train, validation, change) is var found && found.FirstOrDefault(f => f.Kind == kind) is { } finding
            ? finding
            : throw new Xunit.Sdk.XunitException($"{kind} is not among: {string.Join(" | ", found)}");

    // Twelve epochs of three steps on six rows, unless the options or rows are others.
    private static IReadOnlyList<TrainingFinding> Findings(Row[] train, Row[]? validation, Action<DpoTrainer.Options> change)
    {
        var ml = new MLContext(seed: 1);
        var said = new List<string>();
        ml.Log += (_, e) => said.Add(e.RawMessage);
        var options = new DpoTrainer.Options
        {
            BaseModel = Fixtures.Llama,
            Tokenizer = Fixtures.TinyChatml,
            Beta = 0.5,
            Lora = new LoraOptions { Rank = 4, Alpha = 8 },
            LearningRate = 5e-3,
            Epochs = 12,
            BatchSize = 2,
            Device = "cpu",
            ValidationSet = validation is null ? null : ml.Data.LoadFromEnumerable(validation),
        };
        change(options);
        var trainer = ml.Preferences.Trainers.Dpo(options);
        using var model = ml.Preferences.Tokenize(Fixtures.TinyChatml).Append(trainer).Fit(ml.Data.LoadFromEnumerable(train));
        Assert.All(trainer.LastFindings!, finding => Assert.Contains(said, line => line.Contains(finding.Message, StringComparison.Ordinal)));
        return trainer.LastFindings!;
    }

    private sealed record Row(string Prompt, string Chosen, string Rejected);
}
