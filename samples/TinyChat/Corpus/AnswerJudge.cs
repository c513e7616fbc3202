using System.Text.RegularExpressions;

namespace TinyChat;

/// <summary>Decides whether an answer is right, whatever its style.</summary>
public static class AnswerJudge
{
    /// <summary>
    /// Whether <paramref name="response"/> names the known answer and nothing that contradicts it. Of numbers, the last one must be the answer
    /// and every other one must occur in the question; of names, days, colours and the like, the answer must occur as a whole word
    /// and no other of its kind may, unless the question named it.
    /// </summary>
    /// <exception cref="ArgumentException">The prompt has no known answer.</exception>
    public static bool IsCorrect(DemoPrompt prompt, string response)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        ArgumentNullException.ThrowIfNull(response);
        var answer = prompt.Answer ?? throw new ArgumentException($"The prompt \"{prompt.Prompt}\" is small talk and has no known answer.", nameof(prompt));
        return Numbers.In(answer) is [var number] ? NamesNumber(prompt.Prompt, response, number) : NamesWord(prompt, response, answer);
    }

    /// <summary>
    /// Whether <paramref name="response"/> fits the prompt: right where an answer is known, otherwise one of the things that TinyChat was taught
    /// to say to this intent (in either style; case and punctuation do not matter).
    /// </summary>
    public static bool IsSensible(DemoPrompt prompt, string response)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        if (prompt.Answer is not null)
            return IsCorrect(prompt, response);
        var wording = Text.Wording(response);
        var intent = TinyChatCorpus.Find(prompt.Intent, prompt.Language);
        return intent.Terse.Concat(intent.Lengthy).SelectMany(Phrases.Expand).Any(answer => Text.Wording(answer) == wording);
    }

    private static bool NamesNumber(string prompt, string response, int answer)
    {
        var operands = Numbers.In(prompt);
        var named = Numbers.In(response);
        return named.Count > 0 && named[^1] == answer && named.All(n => n == answer || operands.Contains(n));
    }

    private static bool NamesWord(DemoPrompt prompt, string response, string answer)
    {
        var kind = TinyChatCorpus.Find(prompt.Intent, prompt.Language).Facts.Select(f => f.Answer).Distinct(StringComparer.OrdinalIgnoreCase).ToList();
        var asked = Terms(prompt.Prompt, kind);
        var named = Terms(response, kind);
        return named.Contains(answer) && named.All(term => term.Equals(answer, StringComparison.OrdinalIgnoreCase) || asked.Contains(term));
    }

    /// <summary>The members of <paramref name="kind"/> in <paramref name="text"/>, the longest first where two begin at one place (十一月 before 一月).</summary>
    private static HashSet<string> Terms(string text, IReadOnlyList<string> kind)
    {
        var pattern = string.Join('|', kind.OrderByDescending(term => term.Length).Select(Whole));
        return Regex.Matches(text, pattern, RegexOptions.IgnoreCase).Select(m => m.Value).ToHashSet(StringComparer.OrdinalIgnoreCase);
    }

    private static string Whole(string term) => Text.IsChinese(term[0]) ? Regex.Escape(term) : $@"\b{Regex.Escape(term)}\b";
}
