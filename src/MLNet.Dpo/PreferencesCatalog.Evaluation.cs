using Microsoft.ML;
using MLNet.Dpo.Evaluation;

namespace MLNet.Dpo;

public sealed partial class PreferencesCatalog
{
    /// <summary>
    /// Adds the model's columns to data; with responses those are Logps and, for a model that knows its reference, Rewards and Margin.
    /// Nothing runs before they are read.
    /// </summary>
    /// <param name="model">A fitted pipeline or a loaded model.</param>
    /// <param name="data">Preference data.</param>
    public IDataView Score(ITransformer model, IDataView data)
    {
        ArgumentNullException.ThrowIfNull(model);
        return model.Transform(data);
    }

    /// <summary>How well a tuned model tells better responses from worse ones.</summary>
    /// <param name="scored">Data with the columns Rewards and Scores: what <see cref="Score"/> gives.</param>
    /// <exception cref="ArgumentException">A column is missing.</exception>
    /// <exception cref="PreferenceDataException">There is no pair to evaluate.</exception>
    public PreferenceMetrics Evaluate(IDataView scored) => PreferenceMetrics.From(ScoredRows.Read(scored));

    /// <summary>
    /// The pairs as examples of binary classification: columns Label (is the first of the two the better one), Score (reward of the first minus
    /// that of the second) and PredictedLabel. Each pair stands there in both orders, so that both classes are present:
    /// <c>ml.BinaryClassification.EvaluateNonCalibrated(ml.Preferences.ToPairs(scored))</c>.
    /// </summary>
    /// <param name="scored">Data with the columns Rewards and Scores: what <see cref="Score"/> gives. It is run once, here.</param>
    public IDataView ToPairs(IDataView scored) => _ml.Data.LoadFromEnumerable(PairExample.From(ScoredRows.Read(scored)).ToList());

    /// <summary>
    /// The responses as examples of ranking: columns GroupId (the row), Label (relevance 0 to 4, the best score 4) and Score (the reward):
    /// <c>ml.Ranking.Evaluate(ml.Preferences.ToRanking(scored))</c>.
    /// </summary>
    /// <param name="scored">Data with the columns Rewards and Scores: what <see cref="Score"/> gives. It is run once, here.</param>
    public IDataView ToRanking(IDataView scored) => _ml.Data.LoadFromEnumerable(RankedExample.From(ScoredRows.Read(scored)).ToList());
}
