using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Dpo.DataViews;

namespace MLNet.Dpo.Labeling;

/// <summary>A scorer's column over a schema.</summary>
internal sealed class ScoringRowMap(RowScorer scorer, string outputColumn, DataViewSchema input)
    : RowMap(input, [new(outputColumn, new VectorDataViewType(NumberDataViewType.Single), ScoredBy.Annotation(scorer.Description))])
{
    private readonly BoundScorer _scorer = scorer.Bind(input);

    internal override IEnumerable<DataViewSchema.Column> Sources => _scorer.Sources;

    internal override Delegate?[] CreateGetters(DataViewRow input, bool[] active)
    {
        if (!active[0]) return [null];
        var read = _scorer.CreateReader(input);
        var position = -1L;
        float[] scores = [];
        return
        [
            (ValueGetter<VBuffer<float>>)((ref VBuffer<float> value) =>
            {
                if (position != input.Position || position < 0)
                {
                    scores = read();
                    position = input.Position;
                }
                Vectors.Fill(scores, ref value);
            }),
        ];
    }
}
