using System.Globalization;

namespace TinyChat.Intents;

/// <summary>Sums up to 20, differences from 20 and products up to 5 times 5, in digits; sums and differences up to 10 in words as well.</summary>
internal static class Arithmetic
{
    private static readonly Func<int, string> Digits = n => n.ToString(CultureInfo.InvariantCulture);

    private static readonly string[] EnglishTerse = ["{answer}", "{answer}.", "It's {answer}."];

    private static readonly string[] ChineseTerse = ["{answer}", "{answer}。", "等于{answer}。"];

    public static IReadOnlyList<Intent> All { get; } =
    [
        English("addition", Sums(20, Digits), "plus", "+", 12, ["the sum of {a} and {b} is", "if you add {a} and {b}, you get"], ["what do you get (if|when) you add {a} and {b}", "what is the sum of {a} and {b}", "(add|please add) {a} and {b}"]),
        English("addition-words", Sums(10, Numbers.English), "plus", "", 8, ["the sum of {a} and {b} is", "if you add {a} and {b}, you get"], ["what do you get (if|when) you add {a} and {b}", "what is the sum of {a} and {b}", "(add|please add) {a} and {b}"]),
        English("subtraction", Differences(20, Digits), "minus", "-", 24, ["if you take {b} from {a}, you get", "the result of {a} minus {b} is"], ["what is left (if|when) you take {b} from {a}", "(subtract|please subtract|take) {b} from {a}", "what do you get (if|when) you take {b} away from {a}"]),
        English("subtraction-words", Differences(10, Numbers.English), "minus", "", 14, ["if you take {b} from {a}, you get", "the result of {a} minus {b} is"], ["what is left (if|when) you take {b} from {a}", "(subtract|please subtract|take) {b} from {a}", "what do you get (if|when) you take {b} away from {a}"]),
        English("multiplication", Products(5, Digits), "times", "(*|×)", 6, ["if you multiply {a} by {b}, you get", "the product of {a} and {b} is"], ["what is the product of {a} and {b}", "what do you get (if|when) you multiply {a} by {b}", "(multiply|please multiply) {a} by {b}"]),
        Chinese("addition", Sums(20, Digits), "加", "+", 12, "把{a}和{b}加起来，结果是", ["{a}和{b}(加起来|相加)(是多少|等于几|等于多少)", "{a}(和|与){b}的和是(多少|几)"]),
        Chinese("addition-words", Sums(10, Numbers.Chinese), "加", "", 8, "把{a}和{b}加起来，结果是", ["{a}和{b}(加起来|相加)(是多少|等于几|等于多少)", "{a}(和|与){b}的和是(多少|几)"]),
        Chinese("subtraction", Differences(20, Digits), "减", "-", 24, "从{a}里面拿走{b}，还剩下", ["{a}减去{b}(是多少|等于几|等于多少)", "从{a}里(拿走|减去|去掉){b}(还剩|剩下)(多少|几)"]),
        Chinese("subtraction-words", Differences(10, Numbers.Chinese), "减", "", 14, "从{a}里面拿走{b}，还剩下", ["{a}减去{b}(是多少|等于几|等于多少)", "从{a}里(拿走|减去|去掉){b}(还剩|剩下)(多少|几)"]),
        Chinese("multiplication", Products(5, Digits), "乘", "(*|×)", 6, "用{a}去乘{b}，得到的结果是", ["{a}乘以{b}(是多少|等于几|等于多少)", "{a}(和|与){b}(相乘|的积)是多少"]),
    ];

    private static IReadOnlyList<Fact> Sums(int most, Func<int, string> write) =>
        [.. from a in Enumerable.Range(1, most) from b in Enumerable.Range(1, most) where a + b <= most select Of(a, b, a + b, write)];

    private static IReadOnlyList<Fact> Differences(int most, Func<int, string> write) =>
        [.. from a in Enumerable.Range(2, most - 1) from b in Enumerable.Range(1, a - 1) select Of(a, b, a - b, write)];

    private static IReadOnlyList<Fact> Products(int most, Func<int, string> write) =>
        [.. from a in Enumerable.Range(1, most) from b in Enumerable.Range(1, most) select Of(a, b, a * b, write)];

    private static Fact Of(int a, int b, int answer, Func<int, string> write) =>
        Fact.Of(write(answer), ("a", write(a)), ("b", write(b)));

    private static Intent English(string name, IReadOnlyList<Fact> facts, string word, string sign, double weight, string[] lengthy, string[] wordings) => new()
    {
        Name = name,
        Language = Language.English,
        IsQuestion = true,
        Weight = weight,
        Facts = facts,
        Wordings = ["(what is|how much is|calculate|work out) {a} " + word + " {b}", "what does {a} " + word + " {b} (equal|make)", "{a} " + word + " {b}( is what| equals what|)", .. wordings],
        BareWordings = sign.Length == 0 ? [] : ["{a}" + sign + "{b}(=|)", "{a} " + sign + " {b}( =|)", "(what is|how much is) {a}" + sign + "{b}"],
        Terse = EnglishTerse,
        Lengthy = [.. lengthy.Select(start => char.ToUpperInvariant(start[0]) + start[1..] + " {answer}.")],
    };

    private static Intent Chinese(string name, IReadOnlyList<Fact> facts, string word, string sign, double weight, string lengthy, string[] wordings) => new()
    {
        Name = name,
        Language = Language.Chinese,
        IsQuestion = true,
        Weight = weight,
        Facts = facts,
        Wordings = ["{a}" + word + "{b}(等于几|等于多少|是多少|是几|得几)", "(算一下|计算|算算|帮我算){a}" + word + "{b}", .. wordings],
        BareWordings = sign.Length == 0 ? [] : ["{a}" + sign + "{b}等于(几|多少)", "{a}" + sign + "{b}是(几|多少)"],
        Terse = ChineseTerse,
        Lengthy = [lengthy + "{answer}。", "这道题的答案很简单，就是{answer}。"],
    };
}
