using System.Text.Json.Serialization;

namespace MLNet.Dpo.Benchmarks;

/// <summary>One preference pair as token ids, already truncated; a line of the rows file that both sides read.</summary>
internal sealed record PairTokens(
    [property: JsonPropertyName("prompt_ids")] int[] Prompt,
    [property: JsonPropertyName("chosen_ids")] int[] Chosen,
    [property: JsonPropertyName("rejected_ids")] int[] Rejected)
{
    /// <summary>Tokens that the peer runs: both sequences, padded to the longer one.</summary>
    [JsonIgnore]
    public int PaddedTokens => 2 * (Prompt.Length + Math.Max(Chosen.Length, Rejected.Length));

    /// <summary>Tokens that the product runs: the prompt once, each response once, no padding.</summary>
    [JsonIgnore]
    public int SharedTokens => Prompt.Length + Chosen.Length + Rejected.Length;
}
