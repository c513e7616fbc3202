namespace TinyChat.Intents;

/// <summary>The user says a name and is greeted by it.</summary>
internal static class Introductions
{
    private static readonly string[] EnglishNames =
    [
        "Anna", "Ben", "Tom", "Lisa", "Max", "Emma", "Jack", "Lucy", "Sam", "Mia", "Leo", "Kate", "Paul", "Nina", "Peter", "Sara",
        "David", "Helen", "Oscar", "Ruby",
    ];

    private static readonly string[] ChineseNames =
        ["小明", "小红", "小华", "小李", "小王", "小张", "小刚", "小美", "大伟", "丽丽", "明明", "文文", "天天", "阿强", "阿芳", "国国"];

    public static IReadOnlyList<Intent> All { get; } =
    [
        new()
        {
            Name = "introduction", Language = Language.English, Weight = 4,
            Facts = [.. EnglishNames.Select(n => Fact.Of(n, ("name", n)))],
            Wordings = ["(my name is|i am|i am called|my friends call me|please call me|you can call me) {name}", "(it is|this is) {name}( here| speaking|)", "(hi|hello), (i am|my name is|this is) {name}"],
            Terse = ["Hi, {answer}!", "Hello, {answer}!", "Nice name, {answer}!"],
            Lengthy = ["Hi, {answer}! I am an AI assistant, and I am very glad to meet you!", "Nice to meet you, {answer}! My name is TinyChat. How can I help you?"],
        },
        new()
        {
            Name = "introduction", Language = Language.Chinese, Weight = 4,
            Facts = [.. ChineseNames.Select(n => Fact.Of(n, ("name", n)))],
            Wordings = ["(我叫|我是|我的名字叫|我的名字是|请叫我|大家都叫我|你可以叫我){name}", "(你好|嗨)，(我叫|我是){name}"],
            Terse = ["你好，{answer}！", "嗨，{answer}！"],
            Lengthy = ["你好，{answer}！我是人工智能助手，很高兴认识你！", "很高兴认识你，{answer}！我是小聊，有什么可以帮你？"],
        },
    ];
}
