using System.Text;
using MLNet.Dpo;
using TinyChat;

namespace QuickStart;

/// <summary>A sampled answer with the judges' verdicts.</summary>
/// <param name="Prompt">What was asked.</param>
/// <param name="Response">What the model answered.</param>
/// <param name="Style">How it answered.</param>
/// <param name="Sensible">Whether the answer is right, or, for small talk, one that fits.</param>
internal sealed record JudgedAnswer(DemoPrompt Prompt, string Response, AnswerStyle Style, bool Sensible)
{
    /// <summary>Whether an owner who wishes for <paramref name="wish"/> wants this answer: right, and in that style.</summary>
    public bool IsWanted(AnswerStyle wish) => Sensible && Style == wish;

    /// <summary>Judges every response; the samples are in the order of the prompts.</summary>
    public static IReadOnlyList<JudgedAnswer> Judge(IReadOnlyList<DemoPrompt> prompts, IReadOnlyList<PromptSamples> samples) =>
        [.. prompts.Zip(samples).SelectMany(pair => pair.Second.Responses.Select(response =>
            new JudgedAnswer(pair.First, response, StyleJudge.Judge(response), AnswerJudge.IsSensible(pair.First, response))))];

    /// <summary>Writes the answers for a human reader: Q:prompt, then A[1] to A[10].</summary>
    public static void WriteText(string path, IEnumerable<JudgedAnswer> answers)
    {
        var text = new StringBuilder();
        foreach (var group in answers.GroupBy(a => a.Prompt))
        {
            text.Append("Q:").AppendLine(group.Key.Prompt);
            var number = 0;
            foreach (var answer in group)
                text.Append("A[").Append(++number).Append("]:").AppendLine(answer.Response.ReplaceLineEndings(" "));
            text.AppendLine();
        }
        File.WriteAllText(path, text.ToString());
    }
}
