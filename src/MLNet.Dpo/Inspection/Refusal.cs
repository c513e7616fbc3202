using System.Text.RegularExpressions;

namespace MLNet.Dpo.Inspection;

/// <summary>Answers that begin by not answering, in English and Chinese.</summary>
internal static partial class Refusal
{
    internal static bool Is(string answer) => Pattern().IsMatch(answer);

    [GeneratedRegex(
        @"^\s*(?:(?:i['’]?\s?a?m|we are|i am)\s+(?:very |so |really )?(?:sorry|afraid|unable)\b|sorry,? (?:but )?i\b|i (?:can(?:not|['’]t| not)|could not|won['’]t|must decline|am not able)\b|(?:as an? (?:ai|large language|language)\b.{0,80}\b(?:can(?:not|['’]t)|unable|not able|don['’]t))|(?:很?抱歉|对不起|不好意思|非常抱歉)[，,。！ ]|我(?:无法|不能|没办法)|作为(?:一个|一名)?(?:AI|人工智能|语言模型).{0,40}(?:无法|不能))",
        RegexOptions.IgnoreCase | RegexOptions.Singleline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Pattern();
}
