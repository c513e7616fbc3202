namespace MLNet.Dpo;

/// <summary>What a comparison says of one model.</summary>
/// <param name="Name">The model's name.</param>
/// <param name="Beta">The β of its rewards, which loss and margin depend on.</param>
/// <param name="Preferences">Loss, margin and accuracy on the validation data; null without such data, or for a model that has no reference.</param>
/// <param name="Kl">
/// The divergence from its reference in nats a completion: the mean of log p - log p of the reference over completions that the model itself sampled, the end-of-turn token included. Null for a model without a reference.
/// </param>
/// <param name="Tokens">Tokens of those completions.</param>
/// <param name="CutShare">The share of them that was cut at <see cref="ComparisonOptions.MaxNewTokens"/>, 0 to 1; the divergence of what would have followed is not in <paramref name="Kl"/>.</param>
/// <param name="Metrics">The own metrics' means over the prompts, by name.</param>
/// <param name="Responses">Its answer to each prompt.</param>
public sealed record ModelResult(
    string Name,
    double Beta,
    PreferenceMetrics? Preferences,
    MeanEstimate? Kl,
    MeanEstimate? Tokens,
    double CutShare,
    IReadOnlyDictionary<string, MeanEstimate> Metrics,
    IReadOnlyList<string> Responses)
{
    /// <summary>The optimizer steps of a run's checkpoint; null for another model.</summary>
    public int? Step { get; init; }
}
