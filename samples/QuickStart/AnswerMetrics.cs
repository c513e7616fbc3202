using TinyChat;

namespace QuickStart;

/// <summary>What share of sampled answers has which quality, 0 to 1.</summary>
/// <param name="Terse">In few words: the wanted style.</param>
/// <param name="Lengthy">In many words.</param>
/// <param name="Correct">Right, of the answers to questions with a known answer.</param>
/// <param name="Sensible">Right, or for small talk fitting, of all answers.</param>
/// <param name="Answers">How many answers were judged.</param>
internal sealed record AnswerMetrics(double Terse, double Lengthy, double Correct, double Sensible, int Answers)
{
    /// <summary>The shares in <paramref name="answers"/>.</summary>
    public static AnswerMetrics Of(IReadOnlyList<JudgedAnswer> answers) => new(
        Share(answers, a => a.Style == AnswerStyle.Terse),
        Share(answers, a => a.Style == AnswerStyle.Lengthy),
        Share([.. answers.Where(a => a.Prompt.Answer is not null)], a => a.Sensible),
        Share(answers, a => a.Sensible),
        answers.Count);

    private static double Share(IReadOnlyCollection<JudgedAnswer> answers, Func<JudgedAnswer, bool> has) =>
        answers.Count == 0 ? 0 : answers.Count(has) / (double)answers.Count;
}
