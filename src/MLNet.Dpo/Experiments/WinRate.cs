using System.Globalization;

namespace MLNet.Dpo;

/// <summary>What a judge said of two models' answers to a prompt.</summary>
/// <param name="Prompt">The prompt; a conversation as JSON.</param>
/// <param name="AnswerA">The first model's answer.</param>
/// <param name="AnswerB">The second model's.</param>
/// <param name="Verdict">The better one in both orders; a tie where the orders contradict each other.</param>
/// <param name="IsInconsistent">Whether they do.</param>
public sealed record JudgedAnswers(string Prompt, string AnswerA, string AnswerB, Verdict Verdict, bool IsInconsistent);

/// <summary>How often a model's answers are better than another's, by a judge who was asked in both orders.</summary>
public sealed class WinRate
{
    internal WinRate(IReadOnlyList<JudgedAnswers> answers)
    {
        Answers = answers;
        Rate = MeanEstimate.OfEach(answers.Select(answer => answer.Verdict switch { Verdict.A => 0, Verdict.B => 1, _ => 0.5 }));
    }

    /// <summary>The answers, in the prompts' order.</summary>
    public IReadOnlyList<JudgedAnswers> Answers { get; }

    /// <summary>The share of prompts that the second model wins, a tie counting one half, with the bootstrap's 95 % interval; above 0.5 it is the better one.</summary>
    public MeanEstimate Rate { get; }

    /// <summary>Prompts that the second model wins.</summary>
    public int Wins => Answers.Count(answer => answer.Verdict == Verdict.B);

    /// <summary>Prompts that it loses.</summary>
    public int Losses => Answers.Count(answer => answer.Verdict == Verdict.A);

    /// <summary>Prompts with a tie.</summary>
    public int Ties => Answers.Count(answer => answer.Verdict == Verdict.Tie);

    /// <summary>Ties among them because the judge contradicted itself when the order was turned round: many of them say that it goes by position.</summary>
    public int Inconsistent => Answers.Count(answer => answer.IsInconsistent);

    /// <summary>One line.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"win rate {Rate}: {Wins} won, {Losses} lost, {Ties} ties, {Inconsistent} of them because the judge contradicted itself in the other order");
}
