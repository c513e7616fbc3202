using MLNet.Dpo.Data;
using MLNet.Dpo.Packing;

namespace MLNet.Dpo.Training;

/// <summary>One tokenised, truncated row of training data: a prompt with its responses and their scores.</summary>
/// <param name="Row">The row's number in the data, from 0; errors name it.</param>
/// <param name="Prompt">The prompt's token ids.</param>
/// <param name="Responses">Each response's token ids, at least one.</param>
/// <param name="Scores">Each response's score; a pair is chosen 1, rejected 0. Empty where the responses are not compared.</param>
internal sealed record PreferenceExample(int Row, int[] Prompt, int[][] Responses, float[] Scores) : TokenGroup(Prompt, Responses)
{
    /// <summary>The (chosen, rejected) that are compared, as indices into <see cref="TokenGroup.Responses"/>: every two whose scores differ.</summary>
    internal IReadOnlyList<PreferencePair> Pairs { get; init; } = PreferencePair.FromScores(Scores);

    /// <summary>
    /// The weight of each response in the language-model loss, <c>[responses]</c>: where the row does not say it, the best response counts once, and equally good ones share that.
    /// </summary>
    internal IReadOnlyList<float> LmWeights { get; init; } = BestShare(Scores, Responses.Length);

    /// <summary>How many tokens have a weight in the language-model loss.</summary>
    internal int LmTokens =>
        Enumerable.Range(0, Responses.Length).Sum(i => LmWeights[i] > 0 ? ScoredLengths[i] : 0) + (PromptWeights?.Skip(1).Count(weight => weight > 0) ?? 0);

    internal override float LmWeightOf(int response) => LmWeights[response];

    /// <summary>The row without the pairs of equal tokens, which prefer nothing. (TRL trains on them; runs that are to equal its take rows as they are.)</summary>
    internal PreferenceExample WithoutEqualPairs() =>
        this with { Pairs = [.. Pairs.Where(pair => !Responses[pair.Chosen].AsSpan().SequenceEqual(Responses[pair.Rejected]))] };

    private static float[] BestShare(float[] scores, int responses)
    {
        if (scores.Length != responses) scores = new float[responses];
        var highest = scores.DefaultIfEmpty().Max();
        var best = scores.Count(score => score >= highest);
        return [.. scores.Select(score => score >= highest ? 1f / best : 0)];
    }
}
