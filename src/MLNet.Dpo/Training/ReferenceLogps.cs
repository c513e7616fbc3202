namespace MLNet.Dpo;

/// <summary>The reference model's log-probability of every response, computed once before the first step.</summary>
internal sealed class ReferenceLogps
{
    private readonly Dictionary<PreferenceExample, double[]> _logps = new(ReferenceEqualityComparer.Instance);

    /// <summary>The row's summed log-probabilities, one a response.</summary>
    internal double[] this[PreferenceExample row] => _logps[row];

    /// <summary>Runs the reference over rows; those that are there already are not run again.</summary>
    internal void Add(CausalLM model, IReadOnlyList<PreferenceExample> rows, int maxTokens, Action<int> report, CancellationToken cancellation)
    {
        using var reference = model.Use(AdapterState.Reference);
        var done = 0;
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
        }
    }
}
