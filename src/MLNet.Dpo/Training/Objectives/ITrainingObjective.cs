using MLNet.Dpo.Packing;

namespace MLNet.Dpo.Training.Objectives;

/// <summary>What a trainer minimises: from the rows of one optimizer step to gradients and metrics.</summary>
internal interface ITrainingObjective
{
    /// <summary>What is minimised, with all settings that it depends on: a run goes on only from a checkpoint of the same.</summary>
    string Description { get; }

    /// <summary>Adds the gradient of the rows' loss to the parameters; the loss is that of all rows together, however they are split.</summary>
    Dictionary<string, double> AccumulateGradients(IReadOnlyList<PreferenceExample> rows);

    /// <summary>The metrics of the rows, without gradients; names as in training.</summary>
    Dictionary<string, double> Evaluate(IReadOnlyList<PreferenceExample> rows);

    /// <summary>Tokens of the rows as TRL counts them in <c>num_tokens</c>.</summary>
    long CountTokens(PreferenceExample row);
}
