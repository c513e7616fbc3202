using Microsoft.ML.Data;

namespace MLNet.Dpo.Evaluation;

/// <summary>A response as an example of ranking, with ML.NET's default column names.</summary>
internal sealed class RankedExample
{
    private const int HighestRelevance = 4; // ML.NET has gains for relevances 0 to 4

    /// <summary>The row that the response belongs to, from 0; ML.NET stores keys from 1.</summary>
    [KeyType(int.MaxValue - 1)]
    public uint GroupId { get; set; }

    /// <summary>Relevance: the rank of the response's score among the row's distinct scores, the best 4, none below 0.</summary>
    public float Label { get; set; }

    /// <summary>The model's reward.</summary>
    public float Score { get; set; }

    internal static IEnumerable<RankedExample> From(IEnumerable<ScoredRow> rows)
    {
        var group = 0u;
        foreach (var row in rows.Where(r => r.IsFinite))
        {
            var best = row.Scores.Distinct().OrderDescending().ToList();
            for (var i = 0; i < row.Scores.Length; i++)
                yield return new RankedExample { GroupId = group, Label = Math.Max(0, HighestRelevance - best.IndexOf(row.Scores[i])), Score = row.Rewards[i] };
            group++;
        }
    }
}
