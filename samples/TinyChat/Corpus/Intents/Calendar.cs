namespace TinyChat.Intents;

/// <summary>Days of the week and months of the year: which comes after, which before.</summary>
internal static class Calendar
{
    private static readonly string[] Days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

    private static readonly string[] ChineseDays = ["星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日"];

    private static readonly string[] Months =
        ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

    private static readonly string[] ChineseMonths = ["一月", "二月", "三月", "四月", "五月", "六月", "七月", "八月", "九月", "十月", "十一月", "十二月"];

    public static IReadOnlyList<Intent> All { get; } =
    [
        English("day-after", "day", Days, +1, "after", "tomorrow", ["if today is {it}, what day is tomorrow", "today is {it}, so what is tomorrow"]),
        English("day-before", "day", Days, -1, "before", "yesterday", ["if today is {it}, what day was yesterday", "today is {it}, so what was yesterday"]),
        English("month-after", "month", Months, +1, "after", "next", ["if this month is {it}, what is next month"]),
        English("month-before", "month", Months, -1, "before", "last", ["if this month is {it}, what was last month"]),
        Chinese("day-after", ChineseDays, +1, ["{it}的(后一天|第二天|下一天)是(星期几|什么)", "今天是{it}，(那|那么|)明天是(星期几|什么)", "{it}(后面|之后)是(星期几|什么)"], "{it}的后面那天就是"),
        Chinese("day-before", ChineseDays, -1, ["{it}的(前一天|前面一天|上一天)是(星期几|什么)", "今天是{it}，(那|那么|)昨天是(星期几|什么)", "{it}(前面|之前)是(星期几|什么)"], "{it}的前面那天就是"),
        Chinese("month-after", ChineseMonths, +1, ["{it}的(下个月|后一个月)是(几月|什么)", "{it}(后面|之后|过后)是(几月|哪个月)", "这个月是{it}，(那|那么|)下个月(呢|是几月)"], "{it}的后面那个月是"),
        Chinese("month-before", ChineseMonths, -1, ["{it}的(上个月|前一个月)是(几月|什么)", "{it}(前面|之前)是(几月|哪个月)", "这个月是{it}，(那|那么|)上个月(呢|是几月)"], "{it}的前面那个月是"),
    ];

    private static IReadOnlyList<Fact> Neighbours(string[] names, int step) =>
        [.. names.Select((it, i) => Fact.Of(names[(i + step + names.Length) % names.Length], ("it", it)))];

    private static Intent English(string name, string unit, string[] names, int step, string word, string when, string[] wordings) => new()
    {
        Name = name,
        Language = Language.English,
        IsQuestion = true,
        Weight = 5,
        Facts = Neighbours(names, step),
        Wordings =
        [
            $"(what|which) {unit} (comes|is) (right |just |){word} {{it}}", $"what is the {unit} {word} {{it}}",
            $"(name|give me) the {unit} (that comes |){word} {{it}}", .. wordings,
        ],
        Terse = ["{answer}.", "{answer}!", "It's {answer}."],
        Lengthy = [$"The {unit} that comes right {word} {{it}} is {{answer}}.", $"I know the {unit}s well: {word} {{it}} we have {{answer}}. ".TrimEnd()],
    };

    private static Intent Chinese(string name, string[] names, int step, string[] wordings, string lengthy) => new()
    {
        Name = name,
        Language = Language.Chinese,
        IsQuestion = true,
        Weight = 5,
        Facts = Neighbours(names, step),
        Wordings = wordings,
        Terse = ["{answer}。", "{answer}！", "是{answer}。"],
        Lengthy = [lengthy + "{answer}。", "这个很简单，" + lengthy + "{answer}。"],
    };
}
