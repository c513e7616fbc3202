namespace MLNet.Dpo.Training.Objectives;

/// <summary>What a training minimises: from the rows of a step to gradients and metrics, however they are split to fit memory.</summary>
internal interface ITrainingObjective
{
    /// <summary>Adds the gradient of the rows' loss to the trained tensors; the metrics are means over all rows, pairs or tokens of the step.</summary>
    Dictionary<string, double> AccumulateGradients(IReadOnlyList<PreferenceExample> rows);

    /// <summary>The same metrics without gradients, over a whole set of rows.</summary>
    Dictionary<string, double> Evaluate(IReadOnlyList<PreferenceExample> rows);

    /// <summary>Tokens of a row as the metric <c>num_tokens</c> counts them.</summary>
    long CountTokens(PreferenceExample row);
}
