using Microsoft.ML;
using MLNet.Dpo.Checks;
using MLNet.Dpo.Labeling;

namespace MLNet.Dpo;

public sealed partial class PreferencesCatalog
{
    /// <summary>
    /// How well a scorer orders responses as people do. Labels do not count whose prompts it has seen: those that scorers of <see cref="Scorers"/> were fitted to, which they remember,
    /// and those of <paramref name="trainedOn"/>.
    /// </summary>
    /// <param name="labels">Rows that people scored (Responses and Scores, or Chosen and Rejected), apart from those that the scorer learnt from.</param>
    /// <param name="scorer">What adds the scores: a fitted scorer, or any chain that ends in a score for each response.</param>
    /// <param name="trainedOn">Rows whose prompts another transformer within the scorer was trained on; null for none.</param>
    /// <param name="scoresColumnName">The scorer's column.</param>
    /// <returns>Accuracy with its interval, Cohen's κ, and what was counted and left out. Labels and scorer are run once, here.</returns>
    /// <exception cref="ArgumentException">A column is missing.</exception>
    /// <exception cref="PreferenceDataException">No label is left to count, or the scorer does not give each response one score.</exception>
    /// <example><code>
    /// ScorerAgreement agreement = ml.Preferences.Agreement(labels, scorer);
    /// Console.WriteLine(agreement);
    /// </code></example>
    public ScorerAgreement Agreement(IDataView labels, ITransformer scorer, IDataView? trainedOn = null, string scoresColumnName = ColumnNames.Scores)
    {
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentNullException.ThrowIfNull(scorer);
        var seen = ComparedRows.Seen(scorer, trainedOn);
        var rows = ComparedRows.Read(labels, scorer.Transform(labels), scoresColumnName).ToList();
        var unseen = rows.Where(row => !seen.Contains(row.Key)).ToList();
        var agreement = ScorerAgreement.Of(unseen, rows.Count - unseen.Count, ComparedRows.Describe(scorer));
        if (agreement.Pairs > 0) return agreement;
        throw new PreferenceDataException(
            $"No label is left to compare with: of {rows.Count} rows, {agreement.SeenLabels} are of prompts that the scorer was fitted to, {agreement.UnscoredLabels} it gave no score, the others have no two responses that people score differently; give labels of other prompts.");
    }

    /// <summary>
    /// Whether scores are probabilities: how many of the responses with a score about p people take. Responses that people score above the middle of their row's best and worst are taken.
    /// </summary>
    /// <param name="labels">Rows that people scored, apart from those that a calibrator was fitted to, or it looks better than it is.</param>
    /// <param name="scorer">What adds the scores. Scores that are not all from 0 to 1 are put through a sigmoid first.</param>
    /// <param name="bins">Parts that the range from 0 to 1 is cut into; 1 or more.</param>
    /// <param name="scoresColumnName">The scorer's column: once the raw one, once the calibrated one, for a table before and after.</param>
    /// <returns>The table; ToString prints it.</returns>
    /// <exception cref="ArgumentException">A column is missing.</exception>
    /// <exception cref="PreferenceDataException">No labelled response has a score.</exception>
    /// <example><code>
    /// Console.WriteLine(ml.Preferences.Reliability(held, calibrated, scoresColumnName: "Raw"));
    /// Console.WriteLine(ml.Preferences.Reliability(held, calibrated));
    /// </code></example>
    public ReliabilityTable Reliability(IDataView labels, ITransformer scorer, int bins = 10, string scoresColumnName = ColumnNames.Scores)
    {
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentNullException.ThrowIfNull(scorer);
        OptionCheck.AtLeast(bins, 1, nameof(bins));
        var responses = ComparedRows.Judged(labels, scorer.Transform(labels), scoresColumnName).ToList();
        if (responses.Count == 0) throw new PreferenceDataException("No response that people scored better or worse has a score; give labelled rows that the scorer scores.");
        return ReliabilityTable.Of(responses, bins);
    }

    /// <summary>
    /// Splits rows in two so that all rows of a prompt are in the same half: a model must not be judged on prompts that it was trained on. The same as ml.Data.TrainTestSplit with a sampling key,
    /// but for rows without a <see cref="ColumnNames.PromptKey"/> too.
    /// </summary>
    /// <param name="data">Rows with Prompt or Messages.</param>
    /// <param name="testFraction">About which share of the prompts goes into the test half, between 0 and 1.</param>
    /// <param name="seed">Another number gives another split; null takes the context's.</param>
    /// <returns>The two halves, lazily filtered.</returns>
    /// <exception cref="ArgumentException">A column is missing, or the fraction is out of range.</exception>
    public DataOperationsCatalog.TrainTestData TrainTestSplit(IDataView data, double testFraction = 0.2, int? seed = null)
    {
        ArgumentNullException.ThrowIfNull(data);
        if (!(testFraction > 0 && testFraction < 1)) throw new ArgumentException($"testFraction is {testFraction}; allowed: a number between 0 and 1.");
        return _ml.Data.TrainTestSplit(PromptKeyRowMap.Over(data), testFraction, ColumnNames.PromptKey, seed);
    }
}
