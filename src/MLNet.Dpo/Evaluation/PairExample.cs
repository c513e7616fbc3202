namespace MLNet.Dpo.Evaluation;

/// <summary>Two responses of a prompt as an example of binary classification, with ML.NET's default column names.</summary>
internal sealed class PairExample
{
    /// <summary>Whether the first of the two is the better one.</summary>
    public bool Label { get; set; }

    /// <summary>The first response's reward minus the second's.</summary>
    public float Score { get; set; }

    /// <summary>Whether the model takes the first for the better one.</summary>
    public bool PredictedLabel { get; set; }

    internal static IEnumerable<PairExample> From(IEnumerable<ScoredRow> rows)
    {
        foreach (var row in rows.Where(r => r.IsFinite))
        {
            foreach (var pair in row.Pairs)
            {
                var margin = row.Rewards[pair.Chosen] - row.Rewards[pair.Rejected];
                yield return new PairExample { Label = true, Score = margin, PredictedLabel = margin > 0 };
                yield return new PairExample { Label = false, Score = -margin, PredictedLabel = margin < 0 };
            }
        }
    }
}
