namespace MLNet.Dpo;

/// <summary>The reference model's log-probability of every response, computed once before the first step.</summary>
internal sealed class ReferenceLogps
{
    private readonly Dictionary<PreferenceExample, double[]> _logps = new(ReferenceEqualityComparer.Instance);

    /// <summary>The row's summed log-probabilities, one a response.</summary>
    internal double[] this[PreferenceExample row] => _logps[row];

    /// <summary>Runs the reference over rows; those that are there already, or in the cache, are not run again.</summary>
    internal void Add(
        CausalLM model, IReadOnlyList<PreferenceExample> rows, int maxTokens, Action<int> report, CancellationToken cancellation, ReferenceCache? cache = null)
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
            var scored = ScoredBatch.Run(model, batch, withGradient: false);
            var first = 0;
            foreach (var row in micro)
            {
                _logps[row] = scored.ResponseLogps[first..(first + row.Responses.Length)];
                first += row.Responses.Length;
            }
            report(done += micro.Count);
            if (cache is { IsDue: true }) cache.Write(Values(rows));
        }
        cache?.Write(Values(rows));
    }

    // What was written ends with a micro-batch, so the rest is split, and rounds, as if it had never been stopped.
    private int Restore(IReadOnlyList<PreferenceExample> rows, double[] logps)
    {
        var (done, first) = (0, 0);
        for (; done < rows.Count && first + rows[done].Responses.Length <= logps.Length; done++)
            _logps[rows[done]] = logps[first..(first += rows[done].Responses.Length)];
        return done;
    }

    private double[] Values(IEnumerable<PreferenceExample> rows) => [.. rows.TakeWhile(_logps.ContainsKey).SelectMany(row => _logps[row])];
}
