namespace MLNet.Dpo.Text;

/// <summary>The tokens of a conversation, and which of them the assistant said.</summary>
/// <param name="Ids">The ids, <c>[tokens]</c>.</param>
/// <param name="IsGenerated">Whether each token lies in a generation block of the chat template, <c>[tokens]</c>.</param>
internal sealed record MaskedTokens(int[] Ids, bool[] IsGenerated);
