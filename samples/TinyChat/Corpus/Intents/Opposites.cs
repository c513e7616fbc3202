namespace TinyChat.Intents;

/// <summary>Words and their opposites.</summary>
internal static class Opposites
{
    private static readonly (string One, string Other)[] Pairs =
    [
        ("hot", "cold"), ("big", "small"), ("tall", "short"), ("fast", "slow"), ("old", "young"), ("happy", "sad"), ("light", "dark"),
        ("day", "night"), ("up", "down"), ("left", "right"), ("open", "closed"), ("full", "empty"), ("rich", "poor"), ("strong", "weak"),
        ("hard", "soft"), ("wet", "dry"), ("good", "bad"), ("early", "late"), ("clean", "dirty"), ("loud", "quiet"), ("near", "far"),
        ("thick", "thin"), ("black", "white"), ("true", "false"),
    ];

    private static readonly (string One, string Other)[] ChinesePairs =
    [
        ("热", "冷"), ("大", "小"), ("高", "矮"), ("快", "慢"), ("老", "年轻"), ("开心", "难过"), ("亮", "暗"), ("白天", "黑夜"),
        ("上", "下"), ("左", "右"), ("开", "关"), ("满", "空"), ("富", "穷"), ("强", "弱"), ("硬", "软"), ("湿", "干"), ("好", "坏"),
        ("早", "晚"), ("远", "近"), ("厚", "薄"), ("黑", "白"), ("真", "假"), ("长", "短"), ("胖", "瘦"),
    ];

    public static IReadOnlyList<Intent> All { get; } =
    [
        new()
        {
            Name = "opposite", Language = Language.English, IsQuestion = true, Weight = 9,
            Facts = Both(Pairs),
            Wordings = ["what is the opposite of {word}", "(which|what) word is the opposite of {word}", "(name|give me) the opposite of {word}", "what is the (contrary|antonym) of {word}", "{word} is the opposite of (what|which word)"],
            BareWordings = ["(the |)opposite of {word}"],
            Terse = ["{answer}.", "It's {answer}.", "{answer}!"],
            Lengthy = ["The word that means the opposite of {word} is {answer}.", "I am sure that the opposite of {word} is {answer}."],
        },
        new()
        {
            Name = "opposite", Language = Language.Chinese, IsQuestion = true, Weight = 9,
            Facts = Both(ChinesePairs),
            Wordings = ["“{word}”的反义词是(什么|哪个|啥)", "和“{word}”(意思|)相反的(词|字)是(什么|哪个)", "(说说|说出)“{word}”的反义词", "“{word}”的相反是什么"],
            BareWordings = ["“{word}”的反义词"],
            Terse = ["{answer}。", "{answer}！", "是{answer}。"],
            Lengthy = ["“{word}”这个词的反义词，应该是“{answer}”。", "和“{word}”意思相反的那个词是“{answer}”。"],
        },
    ];

    private static IReadOnlyList<Fact> Both((string One, string Other)[] pairs) =>
        [.. pairs.SelectMany(p => new[] { Fact.Of(p.Other, ("word", p.One)), Fact.Of(p.One, ("word", p.Other)) }).DistinctBy(f => f.Slots["word"])];
}
