using MLNet.Dpo.Data;
using MLNet.Dpo.Packing;

namespace MLNet.Dpo.Training;

/// <summary>One tokenised, truncated row of training data: a prompt with its responses and their scores.</summary>
/// <param name="Row">The row's number in the data, from 0; errors name it.</param>
/// <param name="Prompt">The prompt's token ids.</param>
/// <param name="Responses">Each response's token ids, at least one.</param>
/// <param name="Scores">Each response's score; a pair is chosen 1, rejected 0. Empty where the responses are not compared.</param>
internal sealed record PreferenceExample(int Row, int[] Prompt, int[][] Responses, float[] Scores) : TokenGroup(Prompt, Responses, BestShare(Scores, Responses.Length))
{
    /// <summary>The (chosen, rejected) that are compared, as indices into <see cref="TokenGroup.Responses"/>: every two whose scores differ.</summary>
    internal IReadOnlyList<PreferencePair> Pairs { get; init; } = PreferencePair.FromScores(Scores);

    /// <summary>How many tokens have a weight in the language-model loss.</summary>
    internal int LmTokens =>
        Enumerable.Range(0, Responses.Length).Sum(i => LmWeights![i] > 0 ? ScoredLength(i) : 0) + WeightedPromptTokens;

    /// <summary>The row without the pairs of equal tokens, which prefer nothing. (TRL trains on them; runs that are to equal its take rows as they are.)</summary>
    internal PreferenceExample WithoutEqualPairs() =>
        this with { Pairs = [.. Pairs.Where(pair => !Responses[pair.Chosen].AsSpan().SequenceEqual(Responses[pair.Rejected]))] };

    // Where the row does not say what the language-model loss learns, it is the best response, once; equally good ones share that.
    private static float[] BestShare(float[] scores, int responses)
    {
        if (scores.Length != responses) scores = new float[responses];
        var highest = scores.DefaultIfEmpty().Max();
        var best = scores.Count(score => score >= highest);
        return [.. scores.Select(score => score >= highest ? 1f / best : 0)];
    }
}
