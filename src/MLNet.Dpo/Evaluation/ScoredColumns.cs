using Microsoft.ML;
using Microsoft.ML.Data;
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

/// <summary>
/// Reads the columns that evaluation needs. By cursor rather than by CreateEnumerable, which generates code as it runs: a file-based program, compiled
/// as if for NativeAOT, can still evaluate.
/// </summary>
internal static class ScoredColumns
{
    internal static IReadOnlyList<ScoredRow> Read(IDataView scored)
    {
        ArgumentNullException.ThrowIfNull(scored);
        var (scores, rewards) = (Column(scored.Schema, ColumnNames.Scores), Column(scored.Schema, ColumnNames.Rewards));
        using var cursor = scored.GetRowCursor([scores, rewards]);
        var (readScores, readRewards) = (cursor.GetGetter<VBuffer<float>>(scores), cursor.GetGetter<VBuffer<float>>(rewards));
        var rows = new List<ScoredRow>();
        VBuffer<float> score = default, reward = default;
        while (cursor.MoveNext())
        {
            readScores(ref score);
            readRewards(ref reward);
            if (score.Length != reward.Length)
                throw new PreferenceDataException($"Row {rows.Count} has {reward.Length} responses and {score.Length} scores; give each response one score.");
            rows.Add(new ScoredRow([.. score.DenseValues()], [.. reward.DenseValues()]));
        }
        return rows;
    }

    private static DataViewSchema.Column Column(DataViewSchema schema, string name) => schema.GetColumnOrNull(name) switch
    {
        null => throw new ArgumentException($"Column {name} is missing; give ml.Preferences.Score(model, data) of a model trained with LoRA, on data with scored responses."),
        { Type: VectorDataViewType { ItemType: NumberDataViewType { RawType: var type } } } column when type == typeof(float) => column,
        { Type: var type } => throw new ArgumentException($"Column {name} is {type}; it must be a vector of Single, as in ml.Preferences.Score(model, data)."),
    };
}
