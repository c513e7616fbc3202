using MLNet.Dpo.Data;

namespace MLNet.Dpo.Packing;

/// <summary>One tokenised, truncated row of training data: a prompt with its responses and their scores.</summary>
/// <param name="Row">The row's number in the data, from 0; errors name it.</param>
/// <param name="Prompt">The prompt's token ids.</param>
/// <param name="Responses">Each response's token ids, at least one.</param>
/// <param name="Scores">Each response's score; a pair is chosen 1, rejected 0.</param>
internal sealed record PreferenceExample(int Row, int[] Prompt, int[][] Responses, float[] Scores)
{
    /// <summary>Every (chosen, rejected) whose scores differ, as indices into <see cref="Responses"/>.</summary>
    internal IReadOnlyList<PreferencePair> Pairs { get; } = PreferencePair.FromScores(Scores);

    /// <summary>For each response, how many of its tokens are predicted: all, but without a prompt not the first one.</summary>
    internal IReadOnlyList<int> ScoredLengths { get; } = [.. Responses.Select(response => response.Length - (Prompt.Length == 0 ? 1 : 0))];

    /// <summary>Rows that the model runs: the prompt once, and each response but for its last token, which predicts nothing.</summary>
    internal int PackedTokens => Prompt.Length + Responses.Sum(response => response.Length - 1);
}
