using MLNet.Dpo.Data;
using MLNet.Dpo.DataViews;
using MLNet.Dpo.Losses;
using MLNet.Dpo.Models;
using MLNet.Dpo.Packing;

namespace MLNet.Dpo.Generation;

/// <summary>Computes the results of a batch of tokenised rows: generation side by side, scoring packed.</summary>
internal sealed class RowEngine(CausalLM model, ChatTokenizer tokenizer, GenerationOptions generation, double beta, int maxLength, TruncationMode truncation, int maxTokens)
{
    /// <summary>The ids that end a completion: the model's, or where it names none the tokenizer's.</summary>
    internal IReadOnlyList<int> StopIds { get; } =
        model.Config.EosTokenIds.Count > 0 ? [.. model.Config.EosTokenIds, .. Eos(tokenizer)] : [.. Eos(tokenizer)];

    internal IReadOnlyList<RowResults> Run(IReadOnlyList<TokenizedRow> rows, WantedResults wanted, int firstRow)
    {
        var completions = wanted.Completion ? Complete([.. rows.Select(r => r.Group.PromptTokens)], 1, firstRow) : null;
        var logps = wanted.Logps || wanted.Rewards ? Logps(rows, AdapterState.Policy) : null;
        var reference = wanted.Rewards ? Logps(rows, AdapterState.Reference) : null;
        var results = new RowResults[rows.Count];
        for (var i = 0; i < results.Length; i++)
        {
            var rewards = reference is null ? null : logps![i].Zip(reference[i], (p, r) => (float)ImplicitReward.Of(p, r, beta)).ToArray();
            results[i] = new RowResults(
                completions?[i][0],
                logps?[i].Select(x => (float)x).ToArray(),
                rewards,
                rewards is null ? 0 : Margin(rewards, rows[i].Scores));
        }
        return results;
    }

    /// <summary>Texts for each prompt, <paramref name="samples"/> of them.</summary>
    internal IReadOnlyList<string[]> Complete(IReadOnlyList<int[]> prompts, int samples, int firstRow, CancellationToken cancellation = default)
    {
        foreach (var prompt in prompts)
        {
            if (prompt.Length == 0) throw new PreferenceDataException("A prompt has no tokens; give a prompt with text in it.");
            if (prompt.Length >= model.Config.MaxPositionEmbeddings)
                throw new PreferenceDataException($"A prompt has {prompt.Length} tokens, and the model's context holds {model.Config.MaxPositionEmbeddings} together with the completion; give a shorter prompt.");
            var highest = prompt.Max();
            if (highest >= model.Config.VocabSize)
                throw new InvalidDataException($"A prompt has token id {highest}, but the model has a vocabulary of {model.Config.VocabSize}; tokenizer and model do not belong together.");
        }
        return
        [
            .. new TokenGenerator(model, generation, StopIds, generation.StopStrings.Count > 0 ? ids => StopOf(tokenizer.Decode(ids)) >= 0 : null)
                .Generate(prompts, samples, firstRow, cancellation)
                .Select(ids => tokenizer.Decode(ids))
                .Select(text => StopOf(text) is var stop && stop >= 0 ? text[..stop] : text)
                .Chunk(samples),
        ];
    }

    // Where the first stop string begins; -1 where there is none.
    private int StopOf(string text) =>
        generation.StopStrings.Select(stop => text.IndexOf(stop, StringComparison.Ordinal)).Where(start => start >= 0).DefaultIfEmpty(-1).Min();

    private static IEnumerable<int> Eos(ChatTokenizer tokenizer) => tokenizer.EosTokenId is { } eos ? [eos] : [];

    private double[][] Logps(IReadOnlyList<TokenizedRow> rows, AdapterState state)
    {
        var results = rows.Select(r => Enumerable.Repeat(double.NaN, r.Group.ResponseTokens.Length).ToArray()).ToArray();
        var groups = rows.Index()
            .Select(r => (r.Index, Cut: r.Item.Group.Truncate(maxLength, truncation)))
            .Where(r => r.Cut is { ResponseTokens.Length: > 0 } && r.Cut.ResponseTokens.All(t => t.Length > 0))
            .Select(r => new RowTokens(r.Index, r.Cut!.PromptTokens, r.Cut.ResponseTokens) { PromptStarts = r.Cut.PromptStarts });
        using var use = model.Use(state);
        foreach (var micro in MicroBatches.Split(groups, maxTokens))
        {
            using var scope = TorchSharp.torch.NewDisposeScope();
            using var batch = new PackedBatch(micro, model);
            var logps = ScoredBatch.Logps(model, batch).Select(tokens => tokens.Sum(logp => (double)logp)).ToArray();
            var first = 0;
            foreach (var group in micro)
            {
                logps.AsSpan(first, group.Responses.Length).CopyTo(results[group.Row]);
                first += group.Responses.Length;
            }
        }
        return results;
    }

    private sealed record RowTokens(int Row, int[] Prompt, int[][] Responses) : TokenGroup(Prompt, Responses);

    private static float Margin(float[] rewards, float[] scores)
    {
        if (scores.Length != rewards.Length) return float.NaN;
        var pairs = PreferencePair.FromScores(scores);
        return pairs.Count == 0 ? float.NaN : pairs.Average(p => rewards[p.Chosen] - rewards[p.Rejected]);
    }
}
