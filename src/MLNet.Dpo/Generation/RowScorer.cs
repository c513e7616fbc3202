using MLNet.Dpo.DataViews;
using MLNet.Dpo.Models;
using MLNet.Dpo.Packing;
using static TorchSharp.torch;

namespace MLNet.Dpo.Generation;

/// <summary>How responses are scored.</summary>
/// <param name="Beta">β of the rewards.</param>
/// <param name="MaxLength">The most tokens of prompt and response together.</param>
/// <param name="Truncation">Which end is kept where they have more.</param>
/// <param name="MaxTokens">The most tokens that run at a time.</param>
internal sealed record ScoringSettings(double Beta, int MaxLength, TruncationMode Truncation, int MaxTokens);

/// <summary>Log-probabilities of the responses of rows.</summary>
/// <param name="model">The model.</param>
/// <param name="settings">How they are cut and split.</param>
/// <param name="poll">Called before every micro-batch; it throws where the run shall stop.</param>
internal sealed class RowScorer(CausalLM model, ScoringSettings settings, Action poll)
{
    /// <summary>For each row the summed log-probability of each response; NaN where the prompt leaves no room for one.</summary>
    internal double[][] Logps(IReadOnlyList<TokenizedRow> rows, AdapterState state)
    {
        var results = rows.Select(r => Enumerable.Repeat(double.NaN, r.Group.ResponseTokens.Length).ToArray()).ToArray();
        var groups = rows.Index()
            .Select(r => (r.Index, Cut: r.Item.Group.Truncate(settings.MaxLength, settings.Truncation)))
            .Where(r => r.Cut is { ResponseTokens.Length: > 0 } && r.Cut.ResponseTokens.All(t => t.Length > 0))
            .SelectMany(r => Parts(r.Index, r.Cut!));
        using var use = model.Use(state);
        foreach (var micro in MicroBatches.Split(groups, settings.MaxTokens))
        {
            poll();
            using var scope = NewDisposeScope();
            using var batch = new PackedBatch(micro, model);
            var logps = ScoredBatch.Logps(model, batch).Select(tokens => tokens.Sum(logp => (double)logp)).ToArray();
            var first = 0;
            foreach (var group in micro)
            {
                logps.AsSpan(first, group.Responses.Length).CopyTo(results[group.Row].AsSpan(group.FirstResponse));
                first += group.Responses.Length;
            }
        }
        return results;
    }

    // A row of many responses runs in parts, each with the prompt anew, so that memory is bounded whatever a row holds.
    private IEnumerable<RowPart> Parts(int row, TokenizedGroup group)
    {
        var (first, tokens) = (0, 0);
        for (var i = 0; i < group.ResponseTokens.Length; i++)
        {
            var more = group.ResponseTokens[i].Length + (group.PromptStarts is { } starts ? group.PromptTokens.Length - starts[i] : 0);
            if (i > first && group.PromptTokens.Length + tokens + more > settings.MaxTokens)
            {
                yield return Part(row, group, first..i);
                (first, tokens) = (i, 0);
            }
            tokens += more;
        }
        yield return Part(row, group, first..group.ResponseTokens.Length);
    }

    private static RowPart Part(int row, TokenizedGroup group, Range responses) =>
        new(row, responses.Start.Value, group.PromptTokens, group.ResponseTokens[responses]) { PromptStarts = group.PromptStarts?[responses] };

    private sealed record RowPart(int Row, int FirstResponse, int[] Prompt, int[][] Responses) : TokenGroup(Prompt, Responses);
}
