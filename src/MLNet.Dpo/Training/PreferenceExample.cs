using MLNet.Dpo.Data;
using MLNet.Dpo.Packing;

namespace MLNet.Dpo.Training;

/// <summary>One tokenised, truncated row of training data: a prompt with its responses and their scores.</summary>
/// <param name="Row">The row's number in the data, from 0; errors name it.</param>
/// <param name="Prompt">The prompt's token ids.</param>
/// <param name="Responses">Each response's token ids, at least one.</param>
/// <param name="Scores">Each response's score; a pair is chosen 1, rejected 0.</param>
internal sealed record PreferenceExample(int Row, int[] Prompt, int[][] Responses, float[] Scores) : TokenGroup(Prompt, Responses)
{
    /// <summary>The (chosen, rejected) that are compared, as indices into <see cref="TokenGroup.Responses"/>: every two whose scores differ.</summary>
    internal IReadOnlyList<PreferencePair> Pairs { get; init; } = PreferencePair.FromScores(Scores);

    /// <summary>The row without the pairs of equal tokens, which prefer nothing. (TRL trains on them; runs that are to equal its take rows as they are.)</summary>
    internal PreferenceExample WithoutEqualPairs() =>
        this with { Pairs = [.. Pairs.Where(pair => !Responses[pair.Chosen].AsSpan().SequenceEqual(Responses[pair.Rejected]))] };
}
