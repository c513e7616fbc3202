using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>Evaluates scores of two classes.</summary>
internal sealed class BinaryClassifierEvaluator
{
    private const int PrecisionRecallSampleSize = 100_000;
    private const float Threshold = 0;

    private readonly IHost _host;

    public BinaryClassifierEvaluator(IHostEnvironment env) => _host = env.Register("BinaryClassifierEvaluator");

    public BinaryClassificationMetrics Evaluate(IDataView data, string labelName, string scoreName, string predictedLabelName)
    {
        var label = EvaluatorColumns.Find(_host, data.Schema, "Label", labelName);
        var score = EvaluatorColumns.Find(_host, data.Schema, "Score", scoreName);
        EvaluatorColumns.Find(_host, data.Schema, "PredictedLabel", predictedLabelName);
        CheckTypes(label, score);

        var counts = new[] { new double[2], new double[2] };
        List<float> positives = [];
        List<float> negatives = [];
        var sample = new ReservoirSample<(float Score, bool IsPositive)>(_host.Rand, PrecisionRecallSampleSize);
        using var cursor = data.GetRowCursor([label, score]);
        var readLabel = EvaluatorColumns.LabelReader(cursor, label);
        var readScore = EvaluatorColumns.Reader<float>(cursor, score);
        while (cursor.MoveNext())
        {
            var (actual, value) = (readLabel(), readScore());
            if (!float.IsFinite(value) || float.IsNaN(actual))
                continue;
            var isPositive = actual > 0;
            counts[isPositive ? 0 : 1][value > Threshold ? 0 : 1]++;
            (isPositive ? positives : negatives).Add(value);
            sample.Add((value, isPositive));
        }

        Contracts.CheckParam(positives.Count > 0, "PosSample", "AUC is not defined when there is no positive class in the data");
        Contracts.CheckParam(negatives.Count > 0, "NegSample", "AUC is not defined when there is no negative class in the data");
        return new BinaryClassificationMetrics(new ConfusionMatrix(counts), AreaUnderRocCurve(positives, negatives), AreaUnderPrecisionRecallCurve(sample.Items));
    }

    private void CheckTypes(DataViewSchema.Column label, DataViewSchema.Column score)
    {
        if (score.Type != NumberDataViewType.Single)
            throw _host.ExceptSchemaMismatch("schema", "score", score.Name, "Single", score.Type.ToString());
        if (label.Type != NumberDataViewType.Single && label.Type != NumberDataViewType.Double && label.Type != BooleanDataViewType.Instance && label.Type is not KeyDataViewType { Count: 2 })
            throw _host.ExceptSchemaMismatch("schema", "label", label.Name, "Single, Double, Boolean, or a Key with cardinality 2", label.Type.ToString());
    }

    private static double AreaUnderRocCurve(List<float> positives, List<float> negatives)
    {
        var sorted = negatives.Order().ToArray();
        double wins = 0;
        foreach (var score in positives)
        {
            var below = LowerBound(sorted, score);
            var upTo = LowerBound(sorted, float.BitIncrement(score));
            wins += below + 0.5 * (upTo - below);
        }
        return wins / ((double)positives.Count * sorted.Length);
    }

    private static int LowerBound(float[] sorted, float value)
    {
        var (low, high) = (0, sorted.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = sorted[middle] < value ? (middle + 1, high) : (low, middle);
        }
        return low;
    }

    /// <summary>Turns predictions positive one by one, the highest score first; equal scores keep their order.</summary>
    private static double AreaUnderPrecisionRecallCurve(IReadOnlyCollection<(float Score, bool IsPositive)> sample)
    {
        var total = sample.Count(row => row.IsPositive);
        var (area, precision, recall) = (0.0, 1.0, 0.0);
        var (truePositives, falsePositives) = (0, 0);
        foreach (var row in sample.OrderByDescending(row => row.Score))
        {
            if (!row.IsPositive)
            {
                falsePositives++;
                precision = (double)truePositives / (truePositives + falsePositives);
                continue;
            }
            truePositives++;
            var (newRecall, newPrecision) = ((double)truePositives / total, (double)truePositives / (truePositives + falsePositives));
            area += (newRecall - recall) * (precision + newPrecision) / 2;
            (recall, precision) = (newRecall, newPrecision);
        }
        return area;
    }

    /// <summary>A fair sample of at most so many items, in the order of their coming until it is full.</summary>
    private sealed class ReservoirSample<T>(Random random, int capacity)
    {
        private readonly List<T> _items = [];
        private int _seen;

        public IReadOnlyCollection<T> Items => _items;

        public void Add(T item)
        {
            _seen++;
            if (_items.Count < capacity)
                _items.Add(item);
            else if (random.Next(_seen) is var slot && slot < capacity)
                _items[slot] = item;
        }
    }
}
