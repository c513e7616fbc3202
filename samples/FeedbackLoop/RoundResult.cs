using System.Globalization;
using Microsoft.ML;
using MLNet.Dpo;
using TinyChat;

namespace FeedbackLoop;

/// <summary>A line of the table: what a model answers to held-out wordings.</summary>
/// <param name="Name">The round.</param>
/// <param name="Pairs">Pairs that it was trained on.</param>
/// <param name="Terse">Share of answers in few words.</param>
/// <param name="Right">Share of right answers where the answer is known.</param>
/// <param name="Sensible">Share of answers that are right, or fit.</param>
/// <param name="Metrics">On the round's own held-out pairs; null before training.</param>
internal sealed record RoundResult(string Name, int Pairs, double Terse, double Right, double Sensible, PreferenceMetrics? Metrics)
{
    /// <summary>The table's head.</summary>
    public static string Head => $"{"",-12}{"pairs",7}{"terse",10}{"gain",9}{"right",10}{"sensible",10}{"accuracy",10}{"margin",8}";

    /// <summary>Judges the answers of a round.</summary>
    public static RoundResult Of(MLContext ml, string name, int pairs, PreferenceMetrics? metrics, IReadOnlyList<DemoPrompt> prompts, IReadOnlyList<PromptSamples> answers)
    {
        var sensible = TinyChatScorers.Sensible(ml, prompts);
        var known = answers.Where((_, i) => prompts[i].Answer is not null).ToList();
        return new(name, pairs, AnswerRows.Mean(ml, TinyChatScorers.Terse(ml), answers), AnswerRows.Mean(ml, sensible, known), AnswerRows.Mean(ml, sensible, answers), metrics);
    }

    /// <summary>The line, with the gain over the line before.</summary>
    public string Line(RoundResult? before) => string.Create(
        CultureInfo.InvariantCulture,
        $"{Name,-12}{Pairs,7}{Terse * 100,8:0.0} %{(before is null ? "" : $"{(Terse - before.Terse) * 100:+0.0;-0.0}"),9}{Right * 100,8:0.0} %{Sensible * 100,8:0.0} %{(Metrics is null ? "" : $"{Metrics.Accuracy * 100:0.0} %"),10}{Metrics?.MeanMargin,8:0.00}");
}
