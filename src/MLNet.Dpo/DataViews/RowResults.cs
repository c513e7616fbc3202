namespace MLNet.Dpo.DataViews;

/// <summary>Which of a transformer's columns a cursor wants.</summary>
internal readonly record struct WantedResults(bool Completion, bool Logps, bool Rewards)
{
    internal bool Any => Completion || Logps || Rewards;
}

/// <summary>What a model says about one row; parts that were not asked for are null.</summary>
/// <param name="Completion">The generated text.</param>
/// <param name="FinishReason">Why it ends where it does.</param>
/// <param name="Logps">Summed log-probability of each response; NaN where the prompt leaves no room for one.</param>
/// <param name="Rewards">β · (log-probability - the reference's) of each response.</param>
/// <param name="Margin">Mean over the row's pairs of the better response's reward minus the other's.</param>
internal sealed record RowResults(string? Completion, string? FinishReason, float[]? Logps, float[]? Rewards, float Margin);
