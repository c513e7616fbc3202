using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>What the catalogs of tasks share.</summary>
public abstract class TrainCatalogBase
{
    private protected TrainCatalogBase(IHostEnvironment env) => Environment = env;

    private protected IHostEnvironment Environment { get; }
}

/// <summary>Evaluation of binary classification.</summary>
public sealed class BinaryClassificationCatalog : TrainCatalogBase
{
    internal BinaryClassificationCatalog(IHostEnvironment env)
        : base(env)
    {
    }

    /// <summary>Metrics of scores that are not probabilities: positive where the score is greater than 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type, or one of the classes has no rows.</exception>
    public BinaryClassificationMetrics EvaluateNonCalibrated(IDataView data, string labelColumnName = DefaultColumnNames.Label,
        string scoreColumnName = DefaultColumnNames.Score, string predictedLabelColumnName = DefaultColumnNames.PredictedLabel)
    {
        Environment.CheckValue(data, nameof(data));
        Environment.CheckNonEmpty(labelColumnName, nameof(labelColumnName));
        Environment.CheckNonEmpty(scoreColumnName, "score");
        Environment.CheckNonEmpty(predictedLabelColumnName, nameof(predictedLabelColumnName));
        return new BinaryClassifierEvaluator(Environment).Evaluate(data, labelColumnName, scoreColumnName, predictedLabelColumnName);
    }
}

/// <summary>Evaluation of ranking.</summary>
public sealed class RankingCatalog : TrainCatalogBase
{
    internal RankingCatalog(IHostEnvironment env)
        : base(env)
    {
    }

    /// <summary>Discounted cumulative gains of scored rows; the rows of a group are adjacent.</summary>
    public RankingMetrics Evaluate(IDataView data, string labelColumnName = DefaultColumnNames.Label,
        string rowGroupColumnName = DefaultColumnNames.GroupId, string scoreColumnName = DefaultColumnNames.Score)
        => Evaluate(data, null, labelColumnName, rowGroupColumnName, scoreColumnName);

    /// <summary>Discounted cumulative gains of scored rows; the rows of a group are adjacent.</summary>
    public RankingMetrics Evaluate(IDataView data, RankingEvaluatorOptions options, string labelColumnName = DefaultColumnNames.Label,
        string rowGroupColumnName = DefaultColumnNames.GroupId, string scoreColumnName = DefaultColumnNames.Score)
    {
        Environment.CheckValue(data, nameof(data));
        Environment.CheckNonEmpty(labelColumnName, nameof(labelColumnName));
        Environment.CheckNonEmpty(scoreColumnName, nameof(scoreColumnName));
        Environment.CheckNonEmpty(rowGroupColumnName, nameof(rowGroupColumnName));
        return new RankingEvaluator(Environment, options ?? new RankingEvaluatorOptions()).Evaluate(data, labelColumnName, rowGroupColumnName, scoreColumnName);
    }
}

/// <summary>Transforms; the members are extension methods.</summary>
public sealed class TransformsCatalog
{
    internal TransformsCatalog(IHostEnvironment env) => Environment = env;

    internal IHostEnvironment Environment { get; }
}
