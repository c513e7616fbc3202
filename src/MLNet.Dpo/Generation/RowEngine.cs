using MLNet.Dpo.Data;
using MLNet.Dpo.DataViews;
using MLNet.Dpo.Generation.Constraints;
using MLNet.Dpo.Losses;
using MLNet.Dpo.Models;
using MLNet.Dpo.Packing;
using TorchSharp;

namespace MLNet.Dpo.Generation;

/// <summary>Computes the results of a batch of tokenised rows: generation side by side, scoring packed.</summary>
/// <param name="model">The model.</param>
/// <param name="tokenizer">What completions are decoded with.</param>
/// <param name="generation">How completions are generated, validated.</param>
/// <param name="scoring">How responses are scored.</param>
/// <param name="poll">Called before every token and every micro-batch; it throws where the run shall stop.</param>
/// <param name="warn">Told, in one line, of completions that the model's context ended or left no room for, and of rows that are scored cut.</param>
/// <param name="reference">Gives the reference model, where that is not the model without its adapter; null where it is.</param>
/// <param name="constraints">Gives what holds completions to a schema; null where none is asked for.</param>
internal sealed class RowEngine(CausalLM model, ChatTokenizer tokenizer, GenerationOptions generation, ScoringSettings scoring, Action poll, Action<string> warn, Func<CausalLM>? reference = null, ConstraintCache? constraints = null)
{
    /// <summary>The ids that end a completion: the model's, or where it names none the tokenizer's.</summary>
    internal IReadOnlyList<int> StopIds { get; } = EndIds(model, tokenizer);

    internal IReadOnlyList<RowResults> Run(IReadOnlyList<TokenizedRow> rows, WantedResults wanted, int firstRow)
    {
        var completions = wanted.Completion ? Complete([.. rows.Select(r => r.Group.PromptTokens)], 1, firstRow) : null;
        if (wanted.Logps || wanted.Rewards) WarnOfCuts(rows);
        var scorer = new RowScorer(model, scoring, poll);
        var logps = wanted.Logps || wanted.Rewards ? scorer.Logps(rows, AdapterState.Policy) : null;
        var referenceScorer = reference is null || !wanted.Rewards ? scorer : new RowScorer(reference(), scoring, poll);
        var referenceLogps = wanted.Rewards ? referenceScorer.Logps(rows, AdapterState.Reference) : null;
        var results = new RowResults[rows.Count];
        for (var i = 0; i < results.Length; i++)
        {
            var rewards = referenceLogps is null ? null : logps![i].Zip(referenceLogps[i], (p, r) => (float)ImplicitReward.Of(p, r, scoring.Beta)).ToArray();
            results[i] = new RowResults(
                completions?[i][0].Text,
                completions?[i][0].ReasonName,
                logps?[i].Select(x => (float)x).ToArray(),
                rewards,
                rewards is null ? 0 : Margin(rewards, rows[i].Scores));
        }
        return results;
    }

    /// <summary>log p - log p of the reference for completions of each prompt, as the tokens that were chosen: NaN for those that have none.</summary>
    internal double[][] LogRatios(IReadOnlyList<int[]> prompts, IReadOnlyList<Completed[]> completions)
    {
        var policy = new RowScorer(model, scoring, poll);
        var other = reference is null ? policy : new RowScorer(reference(), scoring, poll);
        var ratios = completions.Select(some => Enumerable.Repeat(double.NaN, some.Length).ToArray()).ToArray();
        var filled = completions.Select(some => Enumerable.Range(0, some.Length).Where(i => some[i].Tokens.Length > 0).ToArray()).ToArray();
        TokenizedRow[] rows = [.. prompts.Select((prompt, row) => new TokenizedRow(new TokenizedGroup(prompt, [.. filled[row].Select(i => completions[row][i].Tokens)]), []))];
        var (own, theirs) = (policy.Logps(rows, AdapterState.Policy), other.Logps(rows, AdapterState.Reference));
        foreach (var (row, indices) in filled.Index())
            foreach (var (n, i) in indices.Index()) ratios[row][i] = own[row][n] - theirs[row][n];
        return ratios;
    }

    /// <summary>Completions of each prompt, <paramref name="samples"/> of them, at most <see cref="GenerationOptions.BatchSize"/> of a prompt side by side.</summary>
    /// <param name="prompts">Token ids.</param>
    /// <param name="samples">Completions of each prompt.</param>
    /// <param name="firstRow">Number of the first completion among all that are asked for.</param>
    internal IReadOnlyList<Completed[]> Complete(IReadOnlyList<int[]> prompts, int samples, int firstRow)
    {
        var first = firstRow / samples;
        var run = prompts.Index().Where(prompt => Fits(prompt.Item, first + prompt.Index, model.Config, generation)).ToList();
        var generator = new TokenGenerator(model, generation, StopIds, generation.StopStrings.Count > 0 ? ids => StopOf(tokenizer.Decode(ids)) >= 0 : null, () => constraints?.Begin(generation));
        var results = prompts.Select(_ => new List<Completed>()).ToList();
        if (generation.NumBeams > 1 && samples > generation.NumBeams)
            throw new ArgumentException($"{samples} completions of a prompt are asked for, and NumBeams is {generation.NumBeams}; a search gives as many as there are beams: ask for fewer, or raise NumBeams.");
        var together = generation.NumBeams > 1 ? samples : generation.BatchSize;
        for (var done = 0; run.Count > 0 && done < samples; done += together)
        {
            var some = Math.Min(together, samples - done);
            var texts = generator.Generate([.. run.Select(prompt => new NumberedPrompt(prompt.Item, firstRow + (prompt.Index * samples) + done))], some, poll).Select(Decode).Chunk(some);
            foreach (var (prompt, completions) in run.Zip(texts)) results[prompt.Index].AddRange(completions);
        }
        WarnOfContext(prompts.Count - run.Count, results.Sum(completions => completions.Count(c => c.Reason == FinishReason.Context)));
        return [.. results.Select(completions => completions.Count > 0 ? [.. completions] : Enumerable.Repeat(new Completed("", FinishReason.LongPrompt), samples).ToArray())];
    }

    /// <summary>Answers requests side by side, each by its own settings.</summary>
    internal void Answer(IReadOnlyList<GenerationRequest> requests)
    {
        using var noGrad = torch.no_grad();
        new SequenceBatch(model, poll).Run([.. requests.Select(request => request.Prompt)], [.. requests.Select((request, i) => request.Begin(i, Named, constraints?.Begin(request.Options)))]);
    }

    /// <summary>Whether one more request can be answered beside others without more memory than there is.</summary>
    internal bool HasRoom(int requests, int longest) =>
        requests == 1 || model.Device.type != DeviceType.CPU || requests * KeyValueCache.BytesPerRow(model, longest) <= GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    /// <summary>Whether a prompt leaves room for a completion.</summary>
    /// <exception cref="PreferenceDataException">It has no tokens, or leaves none and <see cref="GenerationOptions.OnLongPrompt"/> does not skip it.</exception>
    internal static bool Fits(int[] prompt, int number, DecoderConfig config, GenerationOptions generation)
    {
        if (prompt.Length == 0) throw new PreferenceDataException($"Prompt {number} has no tokens; give a prompt with text in it.");
        var highest = prompt.Max();
        if (highest >= config.VocabSize)
            throw new InvalidDataException($"Prompt {number} has token id {highest}, but the model has a vocabulary of {config.VocabSize}; tokenizer and model do not belong together.");
        if (prompt.Length < config.MaxPositionEmbeddings) return true;
        if (generation.OnLongPrompt == LongPromptHandling.Skip) return false;
        throw new PreferenceDataException(
            $"Prompt {number} has {prompt.Length} tokens, and the model's context holds {config.MaxPositionEmbeddings} together with the completion; give a shorter prompt, or set OnLongPrompt to Skip to answer the others.");
    }

    private void WarnOfCuts(IReadOnlyList<TokenizedRow> rows)
    {
        var cut = rows.Count(row => row.Group.ResponseTokens.Length > 0 && !ReferenceEquals(row.Group, row.Group.Truncate(scoring.MaxLength, scoring.Truncation)));
        if (cut > 0) warn($"{cut} of the rows have more tokens than MaxLength, {scoring.MaxLength}, and are scored as far as {scoring.Truncation} leaves them; NaN is what is left of no response.");
    }

    private void WarnOfContext(int skipped, int ended)
    {
        var context = model.Config.MaxPositionEmbeddings;
        if (skipped > 0) warn($"{skipped} of the prompts have {context} tokens or more, all that the model's context holds, and get empty completions (long_prompt); give shorter prompts.");
        if (ended > 0) warn($"{ended} completions end where the model's context of {context} tokens does (context); give shorter prompts, or a smaller MaxNewTokens.");
    }

    private Completed Decode(GeneratedTokens generated)
    {
        var text = tokenizer.Decode(generated.Ids);
        return new Completed(StopOf(text) is var stop && stop >= 0 ? text[..stop] : text, generated.Reason) { Tokens = generated.Chosen, Logps = [.. generated.Logps.Select(Named)] };
    }

    private TokenLogp Named(ChosenToken token) =>
        new(token.Id, tokenizer.TextOf(token.Id), token.Logp) { Top = [.. token.Top.Select(other => new TokenLogp(other.Id, tokenizer.TextOf(other.Id), other.Logp))] };

    // Where the first stop string begins; -1 where there is none.
    private int StopOf(string text) =>
        generation.StopStrings.Select(stop => text.IndexOf(stop, StringComparison.Ordinal)).Where(start => start >= 0).DefaultIfEmpty(-1).Min();

    /// <summary>The ids that end a completion: the model's and the tokenizer's.</summary>
    internal static IReadOnlyList<int> EndIds(CausalLM model, ChatTokenizer tokenizer) => tokenizer.EosTokenId is { } eos ? [.. model.Config.EosTokenIds, eos] : [.. model.Config.EosTokenIds];

    private static float Margin(float[] rewards, float[] scores)
    {
        if (scores.Length != rewards.Length) return float.NaN;
        var pairs = PreferencePair.FromScores(scores);
        return pairs.Count == 0 ? float.NaN : pairs.Average(p => rewards[p.Chosen] - rewards[p.Rejected]);
    }
}
