using MLNet.Dpo.Models;

namespace MLNet.Dpo.Generation;

/// <summary>Searches for the most probable completions of a prompt, as transformers' beam search does.</summary>
/// <param name="model">The model, in the adapter state to generate with.</param>
/// <param name="options">Settings, validated.</param>
/// <param name="stops">Ids that end a completion.</param>
/// <param name="isComplete">Whether a completion ends with its last token, by what it says; null where nothing but ids ends one.</param>
internal sealed class BeamSearch(CausalLM model, GenerationOptions options, IReadOnlySet<int> stops, Func<IReadOnlyList<int>, bool>? isComplete)
{
    /// <summary>The best completions, the best first.</summary>
    /// <param name="prompt">Token ids, at least one.</param>
    /// <param name="count">How many; at most <see cref="GenerationOptions.NumBeams"/>.</param>
    /// <param name="poll">Called before every token; it throws where the run shall stop.</param>
    internal IReadOnlyList<GeneratedTokens> Search(int[] prompt, int count, Action poll)
    {
        var longest = Math.Min(options.MaxNewTokens, model.Config.MaxPositionEmbeddings - prompt.Length);
        using var decoder = new CachedDecoder(model, [prompt]);
        List<Beam> running = [new([], 0, 0)];
        List<(Beam Beam, double Score)> finished = [];
        for (var length = 1; ; length++)
        {
            poll();
            var candidates = Extensions(decoder, prompt, running);
            var ends = candidates.Select(beam => length == longest || stops.Contains(beam.Tokens[^1]) || isComplete?.Invoke(beam.Tokens) == true).ToList();
            // Only what is among the best as many as there are beams may be finished; the rest is there to go on with.
            var ended = candidates.Take(options.NumBeams).Where((_, rank) => ends[rank]).Select(beam => (beam, beam.Score / Math.Pow(length, options.LengthPenalty)));
            finished = [.. finished.Concat(ended).OrderByDescending(beam => beam.Item2).Take(options.NumBeams)];
            running = [.. candidates.Where((_, rank) => !ends[rank]).Take(options.NumBeams)];
            if (running.Count == 0 || IsOver(running[0], finished, length, longest)) break;
            decoder.Select([.. running.Select(beam => beam.Row)]);
            if (prompt.Length + length == model.Config.RecomputeLength) decoder.Recompute([.. running.Select(beam => (int[])[.. prompt, .. beam.Tokens])]);
            else decoder.Advance(running.Select(beam => beam.Tokens[^1]), running.Select(_ => prompt.Length + length - 1));
        }
        if (finished.Count < count) throw new ArgumentException($"NumBeams is {options.NumBeams}, but with these settings there are only {finished.Count} completions; lower it, or ban fewer tokens.");
        return [.. finished.Take(count).Select(beam => Completion(beam.Beam, beam.Score))];
    }

    // The best of all beams with all tokens; more than there are beams, for as many as there are end tokens may be of those that end.
    private List<Beam> Extensions(CachedDecoder decoder, int[] prompt, List<Beam> running)
    {
        var best = new PriorityQueue<(int Row, int Id), float>();
        var most = Math.Max(2, 1 + stops.Count) * options.NumBeams;
        for (var row = 0; row < running.Count; row++)
        {
            var logits = LogitsProcessors.Apply(LogSoftmax(decoder.Row(row)), prompt, running[row].Tokens, stops, options);
            for (var id = 0; id < logits.Length; id++)
            {
                var score = running[row].Score + logits[id];
                if (!(score > float.NegativeInfinity)) continue;
                if (best.Count < most) best.Enqueue((row, id), score);
                else if (best.TryPeek(out _, out var worst) && score > worst) best.EnqueueDequeue((row, id), score);
            }
        }
        var extensions = new List<Beam>(best.Count);
        while (best.TryDequeue(out var next, out var score)) extensions.Add(new Beam([.. running[next.Row].Tokens, next.Id], score, next.Row));
        if (extensions.Count == 0) throw Sampler.NothingLeft();
        return [.. extensions.OrderByDescending(beam => beam.Score).ThenBy(beam => beam.Row).ThenBy(beam => beam.Tokens[^1])];
    }

    private bool IsOver(Beam best, List<(Beam Beam, double Score)> finished, int length, int longest)
    {
        if (finished.Count < options.NumBeams) return false;
        if (options.EarlyStopping == BeamStopping.Early) return true;
        var hypothetical = options.EarlyStopping == BeamStopping.Never && options.LengthPenalty > 0 ? longest : length;
        return best.Score / Math.Pow(hypothetical, options.LengthPenalty) <= finished[^1].Score;
    }

    private GeneratedTokens Completion(Beam beam, double score)
    {
        var last = beam.Tokens[^1];
        if (stops.Contains(last)) return new GeneratedTokens(beam.Tokens[..^1], FinishReason.Stop) { StopId = last, Score = score };
        var reason = isComplete?.Invoke(beam.Tokens) == true ? FinishReason.Stop : beam.Tokens.Length == options.MaxNewTokens ? FinishReason.Length : FinishReason.Context;
        return new GeneratedTokens(beam.Tokens, reason) { Score = score };
    }

    private static float[] LogSoftmax(ReadOnlySpan<float> logits)
    {
        var highest = float.NegativeInfinity;
        for (var i = 0; i < logits.Length; i++)
        {
            if (!(logits[i] < float.PositiveInfinity)) throw Sampler.NotFinite(i, logits[i]);
            highest = Math.Max(highest, logits[i]);
        }
        var sum = 0.0;
        foreach (var logit in logits) sum += Math.Exp(logit - highest);
        var normalizer = highest + Math.Log(sum);
        var result = new float[logits.Length];
        for (var i = 0; i < result.Length; i++) result[i] = (float)(logits[i] - normalizer);
        return result;
    }

    /// <summary>A completion that may go on.</summary>
    /// <param name="Tokens">Its token ids.</param>
    /// <param name="Score">The sum of their log-probabilities.</param>
    /// <param name="Row">The beam that it goes on from.</param>
    private sealed record Beam(int[] Tokens, float Score, int Row);
}
