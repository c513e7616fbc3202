namespace MLNet.Dpo;

/// <summary>How several adapters are made one, PEFT's <c>combination_type</c>.</summary>
public enum AdapterCombination
{
    /// <summary>A and B are added up for themselves, each times the root of its weight and scale: the adapters must have the same rank, and the result has it too. Near the weighted sum of the updates where the adapters are alike.</summary>
    Linear,

    /// <summary>The matrices are put side by side: the weighted sum of the updates exactly. The result's rank is the sum of the ranks.</summary>
    Cat,

    /// <summary>The weighted sum of the updates, cut to its greatest singular values; the result has the highest of the ranks.</summary>
    Svd,
}
