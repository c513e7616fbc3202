using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Dpo;

namespace TinyChat;

/// <summary>A prompt and its answers as a row of ML.NET, for scorers.</summary>
public sealed class AnswerRow
{
    /// <summary>What the user says.</summary>
    public string Prompt { get; set; } = "";

    /// <summary>What was answered.</summary>
    public string[] Responses { get; set; } = [];
}

/// <summary>Sampled answers as ML.NET sees them, and what scorers make of them.</summary>
public static class AnswerRows
{
    /// <summary>The samples as a view.</summary>
    public static IDataView Of(MLContext ml, IEnumerable<PromptSamples> samples)
    {
        ArgumentNullException.ThrowIfNull(ml);
        return ml.Data.LoadFromEnumerable(samples.Select(s => new AnswerRow { Prompt = s.Prompt, Responses = [.. s.Responses] }).ToList());
    }

    /// <summary>The mean score of all answers; for scorers that give 1 or 0, the share of 1.</summary>
    public static double Mean(MLContext ml, IEstimator<ITransformer> scorer, IReadOnlyList<PromptSamples> samples)
    {
        ArgumentNullException.ThrowIfNull(scorer);
        var rows = Of(ml, samples);
        return scorer.Fit(rows).Transform(rows).GetColumn<float[]>(ColumnNames.Scores).SelectMany(scores => scores).Average();
    }
}
