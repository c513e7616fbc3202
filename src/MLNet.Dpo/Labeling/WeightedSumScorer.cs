using System.Globalization;
using Microsoft.ML;
using MLNet.Dpo.DataViews;

namespace MLNet.Dpo.Labeling;

/// <summary>The weighted sum of other scorers' columns.</summary>
internal sealed class WeightedSumScorer(IReadOnlyList<ScoreWeight> weights) : RowScorer
{
    internal override string Description => $"WeightedSum({string.Join(", ", weights.Select(weight => string.Create(CultureInfo.InvariantCulture, $"{weight.Weight} {weight.ColumnName}")))})";

    internal override void CheckShape(SchemaShape input)
    {
        foreach (var weight in weights) ScoreColumn.CheckShape(input, weight.ColumnName);
    }

    internal override BoundScorer Bind(DataViewSchema input)
    {
        var columns = weights.Select(weight => ScoreColumn.Find(input, weight.ColumnName)).ToList();
        return new BoundScorer(columns, row =>
        {
            var readers = columns.Select(column => ColumnReader.Values<float>(row, column)).ToList();
            return () => Sum(row, [.. readers.Select(read => read())]);
        });
    }

    internal override void Save(ModelSaveContext ctx)
    {
        ctx.Writer.Write(weights.Count);
        foreach (var (column, weight) in weights)
        {
            ctx.Writer.Write(column);
            ctx.Writer.Write(weight);
        }
    }

    internal static WeightedSumScorer Load(BinaryReader reader) =>
        new([.. Enumerable.Range(0, reader.ReadInt32()).Select(_ => new ScoreWeight(reader.ReadString(), reader.ReadDouble()))]);

    private float[] Sum(DataViewRow row, float[][] scores)
    {
        var count = scores[0].Length;
        for (var i = 1; i < scores.Length; i++)
        {
            if (scores[i].Length != count)
                throw new PreferenceDataException($"Row {row.Position} has {count} scores in {weights[0].ColumnName} and {scores[i].Length} in {weights[i].ColumnName}; each column must have one for each response.");
        }
        return [.. Enumerable.Range(0, count).Select(response => (float)weights.Select((weight, i) => weight.Weight * scores[i][response]).Sum())];
    }
}
