using System.Globalization;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>Evaluates the order that scores give to the rows of each group.</summary>
internal sealed class RankingEvaluator
{
    private readonly IHost _host;
    private readonly int _truncation;
    private readonly double[] _gains;

    public RankingEvaluator(IHostEnvironment env, RankingEvaluatorOptions options)
    {
        _host = env.Register("RankingEvaluator");
        _host.CheckUserArg(options.DcgTruncationLevel > 0, nameof(options.DcgTruncationLevel), "DCG Truncation Level must be greater than 0");
        _host.CheckUserArg(options.LabelGains != null, nameof(options.LabelGains), "Label gains cannot be null");
        _truncation = options.DcgTruncationLevel;
        _gains = options.LabelGains.Split(',').Select(ParseGain).ToArray();
    }

    public RankingMetrics Evaluate(IDataView data, string labelName, string groupName, string scoreName)
    {
        var label = EvaluatorColumns.Find(_host, data.Schema, "Label", labelName);
        var group = EvaluatorColumns.Find(_host, data.Schema, "Group", groupName);
        var score = EvaluatorColumns.Find(_host, data.Schema, "Score", scoreName);
        CheckTypes(label, group, score);

        var dcg = new double[_truncation];
        var ndcg = new double[_truncation];
        var groups = 0;
        foreach (var rows in ReadGroups(data, label, group, score))
        {
            groups++;
            var actual = Cumulate(rows.OrderByDescending(row => row.Score).ThenBy(row => row.Label));
            var best = Cumulate(rows.OrderByDescending(row => row.Label));
            for (var t = 0; t < _truncation; t++)
            {
                dcg[t] += actual[t];
                ndcg[t] += best[t] > 0 ? actual[t] / best[t] : 0;
            }
        }
        return new RankingMetrics([.. dcg.Select(sum => sum / groups)], [.. ndcg.Select(sum => sum / groups)]);
    }

    private static IEnumerable<List<Row>> ReadGroups(IDataView data, DataViewSchema.Column label, DataViewSchema.Column group, DataViewSchema.Column score)
    {
        using var cursor = data.GetRowCursor([label, group, score]);
        var readLabel = EvaluatorColumns.LabelReader(cursor, label);
        var readGroup = EvaluatorColumns.KeyReader(cursor, group);
        var readScore = EvaluatorColumns.Reader<float>(cursor, score);
        ulong? last = null;
        List<Row> rows = [];
        while (cursor.MoveNext())
        {
            var key = readGroup();
            if (key != last && rows.Count > 0)
            {
                yield return rows;
                rows = [];
            }
            last = key;
            var value = readScore();
            if (!float.IsNaN(value))
                rows.Add(new Row((short)readLabel(), value));
        }
        if (rows.Count > 0)
            yield return rows;
    }

    private double[] Cumulate(IEnumerable<Row> ordered)
    {
        var cumulated = new double[_truncation];
        var position = 0;
        var sum = 0.0;
        foreach (var row in ordered.Take(_truncation))
        {
            sum += _gains[row.Label] * (1 / Math.Log(2 + position));
            cumulated[position++] = sum;
        }
        cumulated.AsSpan(position).Fill(sum);
        return cumulated;
    }

    private void CheckTypes(DataViewSchema.Column label, DataViewSchema.Column group, DataViewSchema.Column score)
    {
        if (label.Type != NumberDataViewType.Single && label.Type is not KeyDataViewType)
            throw _host.ExceptSchemaMismatch("LabelColumn", "label", label.Name, "Single or a Key", label.Type.ToString());
        if (score.Type != NumberDataViewType.Single)
            throw _host.ExceptSchemaMismatch("ScoreColumn", "score", score.Name, "Single", score.Type.ToString());
        if (group.Type is not KeyDataViewType)
            throw _host.ExceptSchemaMismatch("GroupIdColumn", "group", group.Name, "Key", group.Type.ToString());
    }

    private double ParseGain(string text)
    {
        _host.CheckUserArg(double.TryParse(text, NumberStyles.Float | NumberStyles.AllowThousands, CultureInfo.CurrentCulture, out var gain),
            nameof(RankingEvaluatorOptions.LabelGains), "Label Gains must be of floating or integral type");
        return gain;
    }

    private readonly record struct Row(short Label, float Score);
}
