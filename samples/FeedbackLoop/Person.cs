using TinyChat;

namespace FeedbackLoop;

/// <summary>
/// Nobody sat down to mark answers for this sample: a rule marks them, in the text files that a person would open, and now and then it slips as people do.
/// A + stands before answers that are sensible and in few words, a - before the others.
/// </summary>
internal static class Person
{
    private const int SlipOneIn = 12;

    /// <summary>Marks the files that <c>WriteSamples</c> wrote for <paramref name="prompts"/>, in their order.</summary>
    public static void Mark(string folder, IReadOnlyList<DemoPrompt> prompts)
    {
        foreach (var (file, prompt) in Directory.GetFiles(folder, "*.txt").Order(StringComparer.Ordinal).Zip(prompts))
            File.WriteAllLines(file, File.ReadAllLines(file).Select(line => line.StartsWith("A[", StringComparison.Ordinal) ? MarkOf(prompt, line) + line : line));
    }

    private static string MarkOf(DemoPrompt prompt, string line)
    {
        var answer = line[(line.IndexOf(": ", StringComparison.Ordinal) + 2)..];
        var wanted = StyleJudge.Judge(answer) == AnswerStyle.Terse && AnswerJudge.IsSensible(prompt, answer);
        var slips = Text.StableHash(prompt.Prompt + answer) % SlipOneIn == 0;
        return wanted != slips ? "+ " : "- ";
    }
}
