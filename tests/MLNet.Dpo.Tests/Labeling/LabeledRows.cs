using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.Dpo.Tests.Labeling;

/// <summary>Rows for the tests of scorers, agreement and pairs.</summary>
internal static class LabeledRows
{
    public static IDataView Answers(MLContext ml, string prompt, params string[] responses) => ml.Data.LoadFromEnumerable([new Sample { Prompt = prompt, Responses = responses }]);

    public static IDataView Labels(MLContext ml, params Labelled[] rows) => ml.Data.LoadFromEnumerable(rows);

    /// <summary>The first row's scores by an estimator that is fitted to the view itself.</summary>
    public static float[] Scores(IEstimator<ITransformer> scorer, IDataView data) => Scores(scorer.Fit(data), data)[0];

    public static List<float[]> Scores(ITransformer scorer, IDataView data, string column = ColumnNames.Scores)
    {
        var scored = scorer.Transform(data);
        return [.. scored.GetColumn<float[]>(scored.Schema[column])];
    }

    internal sealed class Sample
    {
        public string Prompt { get; set; } = "";

        public string[] Responses { get; set; } = [];
    }

    internal sealed class Labelled
    {
        public string Prompt { get; set; } = "";

        public string[] Responses { get; set; } = [];

        public float[] Scores { get; set; } = [];
    }
}
