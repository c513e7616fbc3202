using MLNet.Dpo.Models;
using MLNet.Dpo.Packing;

namespace MLNet.Dpo.Training.Reference;

/// <summary>The reference model's log-probability of every token of every response, computed once before the first step.</summary>
internal sealed class ReferenceLogps
{
    private readonly Dictionary<TokenGroup, float[][]> _logps = new(ReferenceEqualityComparer.Instance);

    /// <summary>The row's log-probabilities, one a token of each response.</summary>
    internal float[][] this[TokenGroup row] => _logps[row];

    /// <summary>Runs the reference over rows; those that are there already, or in the cache, are not run again.</summary>
    internal void Add(
        CausalLM model, IReadOnlyList<TokenGroup> rows, int maxTokens, Action<int> report, CancellationToken cancellation, ReferenceCache? cache = null)
    {
        using var reference = model.Use(AdapterState.Reference);
        var done = cache is null ? 0 : Restore(rows, cache.Read());
        if (done > 0) report(done);
        if (done == rows.Count) return;
        foreach (var micro in MicroBatches.Split(rows.Where(r => !_logps.ContainsKey(r)), maxTokens))
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = TorchSharp.torch.NewDisposeScope();
            using var batch = new PackedBatch(micro, model);
            var logps = ScoredBatch.Logps(model, batch);
            var first = 0;
            foreach (var row in micro)
            {
                _logps[row] = logps[first..(first + row.Responses.Length)];
                first += row.Responses.Length;
            }
            report(done += micro.Count);
            if (cache is { IsDue: true }) cache.Write(Values(rows));
        }
        cache?.Write(Values(rows));
    }

    // What was written ends with a micro-batch, so the rest is split, and rounds, as if it had never been stopped.
    private int Restore(IReadOnlyList<TokenGroup> rows, float[] logps)
    {
        var (done, first) = (0, 0);
        for (; done < rows.Count && first + rows[done].ScoredLengths.Sum() <= logps.Length; done++)
            _logps[rows[done]] = [.. rows[done].ScoredLengths.Select(length => logps[first..(first += length)])];
        return done;
    }

    private float[] Values(IEnumerable<TokenGroup> rows) =>
        [.. rows.TakeWhile(_logps.ContainsKey).SelectMany(row => _logps[row]).SelectMany(logps => logps)];
}
