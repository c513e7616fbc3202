using Microsoft.ML;
using MLNet.Dpo.DataViews;
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
    /// <param name="cancellation">Stops the reading of the model's columns, between two tokens or batches, with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>The data with the model's columns.</returns>
    /// <example><code>
    /// IDataView scored = ml.Data.Cache(ml.Preferences.Score(model, split.TestSet), "Scores", "Rewards");
    /// </code></example>
    public IDataView Score(ITransformer model, IDataView data, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(data);
        return cancellation.CanBeCanceled
            ? PipelineParts.All(model).Aggregate(data, (rows, link) => link is CausalLMTransformer network ? network.Transform(rows, cancellation) : link.Transform(rows))
            : model.Transform(data);
    }

    /// <summary>How well a tuned model tells better responses from worse ones.</summary>
    /// <param name="scored">Data with the columns Rewards and Scores: what <see cref="Score"/> gives.</param>
    /// <returns>Accuracy, margin and loss of the implicit rewards over all pairs.</returns>
    /// <exception cref="ArgumentException">A column is missing.</exception>
    /// <exception cref="PreferenceDataException">There is no pair to evaluate.</exception>
    /// <example><code>
    /// PreferenceMetrics metrics = ml.Preferences.Evaluate(ml.Preferences.Score(model, split.TestSet));
    /// Console.WriteLine(metrics);
    /// </code></example>
    public PreferenceMetrics Evaluate(IDataView scored) => PreferenceMetrics.From(ScoredColumns.Read(scored));

    /// <summary>
    /// The pairs as examples of binary classification: columns Label (is the first of the two the better one), Score (reward of the first minus
    /// that of the second) and PredictedLabel. Each pair stands there in both orders, so that both classes are present.
    /// </summary>
    /// <param name="scored">Data with the columns Rewards and Scores: what <see cref="Score"/> gives. It is run once, here.</param>
    /// <returns>Two rows for each pair.</returns>
    /// <exception cref="ArgumentException">A column is missing.</exception>
    /// <example><code>
    /// var metrics = ml.BinaryClassification.EvaluateNonCalibrated(ml.Preferences.ToPairs(scored));
    /// </code></example>
    public IDataView ToPairs(IDataView scored) => _ml.Data.LoadFromEnumerable(PairExample.From(ScoredColumns.Read(scored)).ToList());

    /// <summary>
    /// The responses as examples of ranking: columns GroupId (the row), Label (relevance 0 to 4, the best score 4) and Score (the reward).
    /// </summary>
    /// <param name="scored">Data with the columns Rewards and Scores: what <see cref="Score"/> gives. It is run once, here.</param>
    /// <returns>A row for each response.</returns>
    /// <exception cref="ArgumentException">A column is missing.</exception>
    /// <example><code>
    /// var metrics = ml.Ranking.Evaluate(ml.Preferences.ToRanking(scored));
    /// </code></example>
    public IDataView ToRanking(IDataView scored) => _ml.Data.LoadFromEnumerable(RankedExample.From(ScoredColumns.Read(scored)).ToList());
}
