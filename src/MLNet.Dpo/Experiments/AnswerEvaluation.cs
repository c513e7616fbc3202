using System.Globalization;
using System.Text;
using MLNet.Dpo.Reporting;

namespace MLNet.Dpo;

/// <summary>An answer to a case of an evaluation set.</summary>
/// <param name="Case">The case.</param>
/// <param name="Answer">What the model said.</param>
/// <param name="IsRight">Whether it is right.</param>
public sealed record EvaluatedAnswer(EvaluationCase Case, string Answer, bool IsRight);

/// <summary>How a model did on an evaluation set.</summary>
public sealed class AnswerEvaluation
{
    internal AnswerEvaluation(IReadOnlyList<EvaluatedAnswer> answers)
    {
        Answers = answers;
        Accuracy = MeanEstimate.OfShare(answers.Count(answer => answer.IsRight), answers.Count);
    }

    /// <summary>The answers, in the set's order.</summary>
    public IReadOnlyList<EvaluatedAnswer> Answers { get; }

    /// <summary>The share of right ones with its 95 % interval (Wilson).</summary>
    public MeanEstimate Accuracy { get; }

    /// <summary>What has changed since another evaluation of the same cases.</summary>
    /// <param name="before">That of the model before training, say.</param>
    /// <exception cref="ArgumentException">It is of other cases.</exception>
    /// <example><code>
    /// Console.WriteLine(after.ComparedTo(before));
    /// </code></example>
    public EvaluationChange ComparedTo(AnswerEvaluation before)
    {
        ArgumentNullException.ThrowIfNull(before);
        if (!Answers.Select(Key).SequenceEqual(before.Answers.Select(Key)))
            throw new ArgumentException("The evaluations are of different cases; evaluate both models on the same set, in the same order.", nameof(before));
        return new EvaluationChange(before, this);

        static (string, string) Key(EvaluatedAnswer answer) => (answer.Case.Text, answer.Case.Expected.Description);
    }

    /// <summary>One line, and the answers that are wrong.</summary>
    public override string ToString()
    {
        var text = new StringBuilder(string.Create(CultureInfo.InvariantCulture, $"right: {Answers.Count(a => a.IsRight)} of {Answers.Count}, {Accuracy}"));
        foreach (var wrong in Answers.Where(answer => !answer.IsRight)) text.AppendLine().Append("  ").Append(Line(wrong));
        return text.ToString();
    }

    /// <summary>An answer on one line.</summary>
    internal static string Line(EvaluatedAnswer answer) =>
        $"{answer.Case.Name}: {OneLine.Of(answer.Case.Text)} -> {OneLine.Of(answer.Answer)} (expected: {OneLine.Of(answer.Case.Expected.Description)})".TrimStart(':', ' ');
}
