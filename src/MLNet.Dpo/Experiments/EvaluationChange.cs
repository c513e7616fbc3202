using System.Text;
using MLNet.Dpo.Files;
using MLNet.Dpo.Reporting;

namespace MLNet.Dpo;

/// <summary>What a training has changed on an evaluation set: how much, and, case by case, what got worse.</summary>
public sealed class EvaluationChange
{
    internal EvaluationChange(AnswerEvaluation before, AnswerEvaluation after)
    {
        (Before, After) = (before, after);
        var pairs = before.Answers.Zip(after.Answers).ToList();
        Difference = MeanEstimate.OfEach(pairs.Select(pair => (pair.Second.IsRight ? 1.0 : 0) - (pair.First.IsRight ? 1.0 : 0)));
        Worse = [.. pairs.Where(pair => pair.First.IsRight && !pair.Second.IsRight).Select(pair => pair.Second)];
        Better = [.. pairs.Where(pair => !pair.First.IsRight && pair.Second.IsRight).Select(pair => pair.Second)];
    }

    /// <summary>The evaluation before.</summary>
    public AnswerEvaluation Before { get; }

    /// <summary>The evaluation after.</summary>
    public AnswerEvaluation After { get; }

    /// <summary>Accuracy after minus accuracy before, with the 95 % interval of the paired bootstrap over the cases.</summary>
    public MeanEstimate Difference { get; }

    /// <summary>The answers that are wrong now and were right.</summary>
    public IReadOnlyList<EvaluatedAnswer> Worse { get; }

    /// <summary>The answers that are right now and were wrong.</summary>
    public IReadOnlyList<EvaluatedAnswer> Better { get; }

    /// <summary>Writes the figures and every case with both answers, what got worse first, as one HTML file that needs nothing else.</summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <exception cref="IOException">It cannot be written; an old file stays as it was.</exception>
    public void SaveHtml(string path)
    {
        var page = new HtmlPage("Evaluation before and after").Table(["", "right"], [["before", Before.Accuracy.ToString()], ["after", After.Accuracy.ToString()], ["difference", Difference.ToString()]]);
        Section(page, "Worse", before: true, after: false);
        Section(page, "Better", before: false, after: true);
        Section(page, "Wrong before and after", before: false, after: false);
        Section(page, "Right before and after", before: true, after: true);
        AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(page.ToString())));
    }

    /// <summary>The figures, and what got worse.</summary>
    public override string ToString()
    {
        var text = new StringBuilder($"right before: {Before.Accuracy}").AppendLine().AppendLine($"right after:  {After.Accuracy}").Append($"difference:   {Difference}; {Better.Count} better, {Worse.Count} worse");
        foreach (var worse in Worse) text.AppendLine().Append("  worse: ").Append(AnswerEvaluation.Line(worse));
        return text.ToString();
    }

    private void Section(HtmlPage page, string heading, bool before, bool after)
    {
        var pairs = Before.Answers.Zip(After.Answers).Where(pair => pair.First.IsRight == before && pair.Second.IsRight == after).ToList();
        if (pairs.Count == 0) return;
        page.Heading($"{heading} ({pairs.Count})").Table(["case", "prompt", "expected", "before", "after"],
            pairs.Select(pair => (IReadOnlyList<string>)[pair.Second.Case.Name, pair.Second.Case.Text, pair.Second.Case.Expected.Description, pair.First.Answer, pair.Second.Answer]));
    }
}
