using System.Globalization;
using MLNet.Dpo.Reporting;

namespace MLNet.Dpo;

/// <summary>One fold of a cross-validation: trained on the others, evaluated on this.</summary>
/// <param name="Fold">Its number, from 0.</param>
/// <param name="Metrics">How its model does on the fold.</param>
/// <param name="TrainRows">Rows of the other folds.</param>
/// <param name="TestRows">Rows of the fold.</param>
/// <param name="TestPrompts">Different prompts of the fold, none of which is in the others.</param>
public sealed record PreferenceFold(int Fold, PreferenceMetrics Metrics, int TrainRows, int TestRows, int TestPrompts);

/// <summary>A metric's mean over folds.</summary>
/// <param name="Mean">The mean.</param>
/// <param name="Deviation">The standard deviation between folds, of the sample (n - 1).</param>
public sealed record FoldMean(double Mean, double Deviation)
{
    /// <summary>Mean and deviation, whatever the culture.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Mean:G4} +- {Deviation:G2}");

    internal static FoldMean Of(IReadOnlyList<double> values)
    {
        var mean = values.Average();
        return new FoldMean(mean, Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Count - 1)));
    }
}

/// <summary>A cross-validation whose folds share no prompt. As text it is a table for the console.</summary>
public sealed class PreferenceCrossValidation
{
    internal PreferenceCrossValidation(IReadOnlyList<PreferenceFold> folds) => Folds = folds;

    /// <summary>The folds.</summary>
    public IReadOnlyList<PreferenceFold> Folds { get; }

    /// <summary>Accuracy over the folds.</summary>
    public FoldMean Accuracy => Over(metrics => metrics.Accuracy);

    /// <summary>Margin over the folds.</summary>
    public FoldMean MeanMargin => Over(metrics => metrics.MeanMargin);

    /// <summary>Loss over the folds.</summary>
    public FoldMean Loss => Over(metrics => metrics.Loss);

    /// <summary>A row for each fold, and the means.</summary>
    public override string ToString() => TextTable.Of(["fold", "accuracy", "margin", "loss", "pairs", "rows", "prompts"],
    [
        .. Folds.Select(fold => (IReadOnlyList<string>)
        [
            Text(fold.Fold), Text(fold.Metrics.Accuracy), Text(fold.Metrics.MeanMargin), Text(fold.Metrics.Loss), Text(fold.Metrics.PairCount), Text(fold.TestRows), Text(fold.TestPrompts),
        ]),
        ["mean", Accuracy.ToString(), MeanMargin.ToString(), Loss.ToString(), Text(Folds.Sum(fold => fold.Metrics.PairCount)), Text(Folds.Sum(fold => fold.TestRows)), Text(Folds.Sum(fold => fold.TestPrompts))],
    ]);

    private FoldMean Over(Func<PreferenceMetrics, double> value) => FoldMean.Of([.. Folds.Select(fold => value(fold.Metrics))]);

    private static string Text(double number) => number.ToString("G4", CultureInfo.InvariantCulture);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
