namespace MLNet.Dpo.DataViews;

/// <summary>A row's token columns.</summary>
/// <param name="Group">The prompt and its responses.</param>
/// <param name="Scores">The score of each response; empty where the row has none.</param>
internal sealed record TokenizedRow(TokenizedGroup Group, float[] Scores)
{
    /// <summary>The weight of each prompt token in the language-model loss; empty for none.</summary>
    public float[] PromptWeights { get; init; } = [];

    /// <summary>For each response 1 where the language-model loss learns it, otherwise 0; empty where the row does not say.</summary>
    public float[] LmLossMasks { get; init; } = [];
}
