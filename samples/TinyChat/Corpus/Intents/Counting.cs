using System.Globalization;

namespace TinyChat.Intents;

/// <summary>The next number, sides of shapes, legs of animals, and how many of one thing another has.</summary>
internal static class Counting
{
    private static readonly (string English, string Chinese, int Count)[] Legs =
    [
        ("a dog", "狗", 4), ("a cat", "猫", 4), ("a horse", "马", 4), ("a cow", "牛", 4), ("a bird", "鸟", 2), ("a chicken", "鸡", 2),
        ("a duck", "鸭子", 2), ("a human", "人", 2), ("a spider", "蜘蛛", 8), ("an ant", "蚂蚁", 6), ("a bee", "蜜蜂", 6),
        ("a butterfly", "蝴蝶", 6), ("a snake", "蛇", 0), ("a fish", "鱼", 0), ("an elephant", "大象", 4), ("a tiger", "老虎", 4),
    ];

    private static readonly (string English, string Chinese, int Count)[] Sides =
        [("a triangle", "三角形", 3), ("a square", "正方形", 4), ("a rectangle", "长方形", 4), ("a pentagon", "五边形", 5), ("a hexagon", "六边形", 6), ("an octagon", "八边形", 8)];

    private static readonly (string Part, string Whole, string Chinese, int Count)[] Parts =
    [
        ("days", "a week", "星期有几天", 7), ("months", "a year", "年有几个月", 12), ("seasons", "a year", "年有几个季节", 4),
        ("hours", "a day", "天有几个小时", 24), ("minutes", "an hour", "小时有几分钟", 60), ("seconds", "a minute", "分钟有几秒", 60),
        ("weeks", "a year", "年有几个星期", 52), ("letters", "the alphabet", "个字母表有几个字母", 26),
        ("fingers", "two hands", "双手有几根手指", 10), ("eyes", "a face", "张脸有几只眼睛", 2),
    ];

    public static IReadOnlyList<Intent> All { get; } =
    [
        new()
        {
            Name = "next-number", Language = Language.English, IsQuestion = true, Weight = 4,
            Facts = [.. Enumerable.Range(1, 19).Select(n => Fact.Of(Digits(n + 1), ("n", Digits(n))))],
            Wordings = ["(what|which) number (comes|is) (right |just |)after {n}", "what is the (next number|number that comes) after {n}", "(count on|continue) from {n}"],
            Terse = ["{answer}", "{answer}.", "It's {answer}."],
            Lengthy = ["The number that comes right after {n} is {answer}.", "If you count on from {n}, the next number is {answer}."],
        },
        new()
        {
            Name = "next-number", Language = Language.Chinese, IsQuestion = true, Weight = 4,
            Facts = [.. Enumerable.Range(1, 19).Select(n => Fact.Of(Digits(n + 1), ("n", Digits(n))))],
            Wordings = ["{n}(后面|之后)的(下个|)数(字|)是(几|多少|什么)", "{n}的(下个|后面那个)数(字|)是(几|多少|什么)", "从{n}往后数是(几|多少)"],
            Terse = ["{answer}", "{answer}。", "是{answer}。"],
            Lengthy = ["从{n}开始往后数，下个数字就是{answer}。", "紧跟在{n}后面的那个数字，当然就是{answer}。"],
        },
        new()
        {
            Name = "legs", Language = Language.English, IsQuestion = true, Weight = 3,
            Facts = [.. Legs.Select(l => Fact.Of(Digits(l.Count), ("animal", l.English)))],
            Wordings = ["how many (legs|feet) does {animal} have", "(what is|count|tell me) the number of legs (of|on) {animal}", "{animal} has how many (legs|feet)", "how many legs are (on|there on) {animal}"],
            Terse = ["{answer}", "{answer}.", "{answer} legs."],
            Lengthy = ["If you count all the legs of {animal}, you get {answer}.", "I can tell you that the number of legs is {answer}."],
        },
        new()
        {
            Name = "legs", Language = Language.Chinese, IsQuestion = true, Weight = 3,
            Facts = [.. Legs.Select(l => Fact.Of(Digits(l.Count), ("animal", l.Chinese)))],
            Wordings = ["{animal}(有|长着|长了)(几|多少)(条腿|只脚)", "{animal}的腿有(几|多少)条", "(数数|算算|说说){animal}有(几|多少)条腿"],
            Terse = ["{answer}", "{answer}条。", "{answer}条腿。"],
            Lengthy = ["如果你数它的腿，就会发现腿数是{answer}。", "{animal}的腿我数过了，腿的数量是{answer}。"],
        },
        new()
        {
            Name = "sides", Language = Language.English, IsQuestion = true, Weight = 2.5,
            Facts = [.. Sides.Select(s => Fact.Of(Digits(s.Count), ("shape", s.English)))],
            Wordings = ["how many (sides|corners|edges) does {shape} have", "{shape} has how many (sides|corners|edges)", "(what is|count|tell me) the number of (sides|corners) (of|in) {shape}"],
            Terse = ["{answer}", "{answer}.", "It's {answer}."],
            Lengthy = ["If you count them on {shape}, you will find {answer}.", "I know my shapes well, and the right number is {answer}."],
        },
        new()
        {
            Name = "sides", Language = Language.Chinese, IsQuestion = true, Weight = 2.5,
            Facts = [.. Sides.Select(s => Fact.Of(Digits(s.Count), ("shape", s.Chinese)))],
            Wordings = ["{shape}有(几|多少)(条边|个角)", "{shape}的(边|角)有(几|多少)(条|个)", "(数数|算算|说说){shape}有(几|多少)(条边|个角)"],
            Terse = ["{answer}", "{answer}个。", "是{answer}。"],
            Lengthy = ["我很熟悉这个图形，正确的数量是{answer}。", "如果你仔细数数看，就会得到{answer}。"],
        },
        new()
        {
            Name = "parts", Language = Language.English, IsQuestion = true, Weight = 2.5,
            Facts = [.. Parts.Select(p => Fact.Of(Digits(p.Count), ("part", p.Part), ("whole", p.Whole)))],
            Wordings = ["how many {part} are (in|there in) {whole}", "how many {part} (make up|does it take to make) {whole}", "what is the number of {part} in {whole}", "(count|tell me) the {part} in {whole}"],
            Terse = ["{answer}", "{answer}.", "It's {answer}."],
            Lengthy = ["The number of {part} in {whole} is {answer}.", "If you count all the {part} in {whole}, you get {answer}."],
        },
        new()
        {
            Name = "parts", Language = Language.Chinese, IsQuestion = true, Weight = 2.5,
            Facts = [.. Parts.Select(p => Fact.Of(Digits(p.Count), ("asked", p.Chinese)))],
            Wordings = ["一{asked}", "(每|说说一|问你一|说一下一){asked}"],
            Terse = ["{answer}", "{answer}。", "是{answer}。"],
            Lengthy = ["这个问题我知道，正确的答案是{answer}。", "大家都知道，这里的数量应该是{answer}。"],
        },
    ];

    private static string Digits(int n) => n.ToString(CultureInfo.InvariantCulture);
}
