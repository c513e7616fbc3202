using Microsoft.ML;

namespace MLNet.Dpo.Labeling;

/// <summary>Scorers that are made from people's labels.</summary>
internal static class LearnedScorers
{
    /// <summary>The labels as examples; both classes are present.</summary>
    /// <exception cref="PreferenceDataException">They are not.</exception>
    internal static List<LabelExample> Examples(IDataView labels) => Examples(LabelledRow.Read(labels));

    internal static RowScorer Train(MLContext ml, IEstimator<ITransformer> pipeline, IDataView labels, string scoreColumn, string? className)
    {
        var rows = LabelledRow.Read(labels).ToList();
        var model = pipeline.Fit(ml.Data.LoadFromEnumerable(Examples(rows)));
        return new ModelScorer(model, scoreColumn, className, Prompts(rows));
    }

    internal static RowScorer Calibrate(MLContext ml, IDataView labels, string inputColumn, CalibratorKind kind)
    {
        var rows = LabelledRow.Read(labels, inputColumn).ToList();
        var examples = RawExamples(rows).ToList();
        CheckBothClasses(examples.Select(example => example.Label));
        var view = ml.Data.LoadFromEnumerable(examples);
        ITransformer calibrator = kind == CalibratorKind.Platt
            ? ml.BinaryClassification.Calibrators.Platt().Fit(view)
            : ml.BinaryClassification.Calibrators.Isotonic().Fit(view);
        var scorer = new CalibratedScorer(inputColumn, calibrator, Prompts(rows));
        CheckRising(scorer, examples, inputColumn);
        return scorer;
    }

    /// <summary>The labelled responses with a scorer's score, where it has one.</summary>
    internal static IEnumerable<RawExample> RawExamples(IEnumerable<LabelledRow> rows) => rows.SelectMany(row => row.Judgements()
        .Where(judgement => float.IsFinite(row.ScorerScores[judgement.Index]))
        .Select(judgement => new RawExample { Score = row.ScorerScores[judgement.Index], Label = judgement.IsGood }));

    private static List<LabelExample> Examples(IEnumerable<LabelledRow> rows)
    {
        var examples = rows.SelectMany(LabelExample.From).ToList();
        CheckBothClasses(examples.Select(example => example.Label));
        return examples;
    }

    private static PromptSet Prompts(IEnumerable<LabelledRow> rows) => PromptSet.Of(rows.Select(row => row.Key));

    private static void CheckBothClasses(IEnumerable<bool> labels)
    {
        if (labels.Distinct().Count() < 2)
            throw new PreferenceDataException("The labels have no row whose responses are scored, and scored differently, so there is nothing to learn from; give rows with better and worse responses.");
    }

    // A score that is higher for worse answers would come out turned round, and its name would lie.
    private static void CheckRising(CalibratedScorer scorer, IReadOnlyList<RawExample> examples, string column)
    {
        var calibrate = scorer.CreateCalibrate();
        var (low, high) = (examples.Min(example => example.Score), examples.Max(example => example.Score));
        if (calibrate(high) > calibrate(low)) return;
        throw new PreferenceDataException(
            $"The scores in {column} do not rise with people's: their probabilities go from {calibrate(low):0.###} at {low:0.###} to {calibrate(high):0.###} at {high:0.###}. Turn them round with WeightedSum and a weight of -1, or take another scorer.");
    }

    /// <summary>A response's raw score and whether people take it, under the names that ML.NET's calibrators expect.</summary>
    internal sealed class RawExample
    {
        /// <summary>The scorer's score.</summary>
        public float Score { get; set; }

        /// <summary>Whether people take the response.</summary>
        public bool Label { get; set; }
    }
}
