using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Dpo.Experiments;
using Xunit;

namespace MLNet.Dpo.Tests.Experiments;

/// <summary>Cross-validation whose folds share no prompt.</summary>
public sealed class CrossValidationTests
{
    private readonly MLContext _ml = new(seed: 1);

    [Fact]
    public void CrossValidate_ManyRowsOfAPrompt_NeverTrainsOnAPromptThatItIsJudgedOn()
    {
        // 12 prompts with 1 to 12 rows each, in no order.
        var random = new Random(2);
        var rows = Enumerable.Range(1, 12).SelectMany(prompt => Enumerable.Range(0, prompt).Select(i => new Row { Prompt = $"Question {prompt}?", Chosen = $"Yes {i}.", Rejected = "No." })).OrderBy(_ => random.Next()).ToList();
        var data = _ml.Data.LoadFromEnumerable(rows);
        var folds = PromptFolds.Deal(data, 4, seed: 0);
        Assert.Equal(rows.Count, folds.Rows.Sum());
        Assert.InRange(folds.Rows.Max() - folds.Rows.Min(), 0, 3);
        for (var fold = 0; fold < 4; fold++)
        {
            var marked = new MLNet.Dpo.DataViews.MappedDataView(new FoldRowMap(data.Schema, folds, fold), data);
            var test = _ml.Data.FilterRowsByColumn(marked, FoldRowMap.Column, lowerBound: 0.5).GetColumn<string>("Prompt").ToList();
            var train = _ml.Data.FilterRowsByColumn(marked, FoldRowMap.Column, upperBound: 0.5).GetColumn<string>("Prompt").ToList();
            Assert.Empty(test.Intersect(train));
            Assert.Equal(rows.Count, test.Count + train.Count);
            Assert.Equal(folds.Rows[fold], test.Count);
            Assert.Equal(folds.PromptsOf(fold), test.Distinct().Count());
        }
    }

    [Fact]
    public void CrossValidate_ATrainer_GivesEachFoldsMetricsAndTheirMean()
    {
        var options = TinyRuns.Options();
        options.MaxSteps = 1;
        var pipeline = TinyRuns.Tokenize(_ml).Append(_ml.Preferences.Trainers.Dpo(options));
        var data = TinyRuns.Data(_ml, 6);
        var result = _ml.Preferences.CrossValidate(pipeline, data, folds: 3);
        Assert.Equal([0, 1, 2], result.Folds.Select(fold => fold.Fold));
        Assert.Equal(6, result.Folds.Sum(fold => fold.TestRows));
        Assert.All(result.Folds, fold => Assert.Equal(6, fold.TestRows + fold.TrainRows));
        double[] losses = [.. result.Folds.Select(fold => fold.Metrics.Loss)];
        Assert.Equal(3, losses.Distinct().Count());
        Assert.Equal(losses.Average(), result.Loss.Mean, 12);
        Assert.Equal(Math.Sqrt(losses.Sum(l => Math.Pow(l - losses.Average(), 2)) / 2), result.Loss.Deviation, 12);
        Assert.Contains("mean", result.ToString(), StringComparison.Ordinal);
        Assert.Contains("+-", result.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void CrossValidate_MorePromptsThanFolds_OrOneFold_IsAnError()
    {
        var pipeline = TinyRuns.Tokenize(_ml).Append(_ml.Preferences.Trainers.Dpo(TinyRuns.Options()));
        var data = _ml.Data.LoadFromEnumerable(Enumerable.Repeat(new Row { Prompt = "Q?", Chosen = "Yes.", Rejected = "No." }, 9));
        Assert.Contains("1 different prompts for 3 folds", Assert.Throws<PreferenceDataException>(() => _ml.Preferences.CrossValidate(pipeline, data, 3)).Message, StringComparison.Ordinal);
        Assert.Contains("folds is 1", Assert.Throws<ArgumentException>(() => _ml.Preferences.CrossValidate(pipeline, data, 1)).Message, StringComparison.Ordinal);
    }

    private sealed class Row
    {
        public string Prompt { get; set; } = "";

        public string Chosen { get; set; } = "";

        public string Rejected { get; set; } = "";
    }
}
