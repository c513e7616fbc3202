using Microsoft.ML;
using MLNet.Dpo.Data;

namespace MLNet.Dpo.Evaluation;

/// <summary>A row's scores and the model's rewards.</summary>
/// <param name="Scores">The data's score of each response.</param>
/// <param name="Rewards">The model's reward of each response.</param>
internal sealed record ScoredRow(float[] Scores, float[] Rewards)
{
    internal IReadOnlyList<PreferencePair> Pairs => PreferencePair.FromScores(Scores);

    internal bool IsFinite => Rewards.All(float.IsFinite);
}

/// <summary>Reads the columns that evaluation needs.</summary>
internal static class ScoredRows
{
    private sealed class Columns
    {
        public float[] Scores { get; set; } = [];

        public float[] Rewards { get; set; } = [];
    }

    internal static IReadOnlyList<ScoredRow> Read(MLContext ml, IDataView scored)
    {
        ArgumentNullException.ThrowIfNull(scored);
        foreach (var name in new[] { ColumnNames.Scores, ColumnNames.Rewards })
        {
            if (scored.Schema.GetColumnOrNull(name) is null)
                throw new ArgumentException($"Column {name} is missing; give ml.Preferences.Score(model, data) of a model trained with LoRA, on data with scored responses.", nameof(scored));
        }
        return
        [
            .. ml.Data.CreateEnumerable<Columns>(scored, reuseRowObject: false).Select((row, number) => row.Scores.Length == row.Rewards.Length
                ? new ScoredRow(row.Scores, row.Rewards)
                : throw new PreferenceDataException($"Row {number} has {row.Rewards.Length} responses and {row.Scores.Length} scores; give each response one score.")),
        ];
    }
}
