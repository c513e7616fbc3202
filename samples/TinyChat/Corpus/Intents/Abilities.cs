namespace TinyChat.Intents;

/// <summary>What TinyChat can do, and asking it for help.</summary>
internal static class Abilities
{
    public static IReadOnlyList<Intent> All { get; } =
    [
        new()
        {
            Name = "abilities", Language = Language.English, IsQuestion = true,
            Wordings = ["what (can|could) you (do|help with|help me with|talk about)", "what (are you good at|are your skills|do you know)", "how can you help me( today|)", "what (should|can|may) i ask you"],
            Terse = ["Chat and count!", "Simple questions.", "I answer questions."],
            Lengthy = ["I can chat with you, do small sums, and answer simple questions.", "You can ask me about capitals, colours, animals, days and small sums."],
        },
        new()
        {
            Name = "abilities", Language = Language.Chinese, IsQuestion = true,
            Wordings = ["你(能|会|可以)(做|干)(什么|些什么|哪些事)", "你有(什么|哪些)(本领|能力|功能)", "你(擅长|知道|懂)(什么|些什么)", "我(能|可以)问你(什么|些什么)"],
            Terse = ["聊天和算数。", "回答问题。", "简单问答。"],
            Lengthy = ["我会聊天，会算简单的数，还能回答常识问题。", "你可以问我首都、颜色、动物、日期和算术。"],
        },
        new()
        {
            Name = "help", Language = Language.English,
            Wordings = ["(please |can you |could you |)help me( now| with something| a bit|)", "i (need|want|could use) (your |some |a little |)help", "i have (a question|a problem|some questions)( for you|)", "(can|may|could) i ask (you |)(something|a question)"],
            Terse = ["Sure, go ahead!", "Of course!", "Just ask!"],
            Lengthy = ["Of course, I am happy to help! What would you like to know?", "Sure! Please tell me your question, and I will do my best."],
        },
        new()
        {
            Name = "help", Language = Language.Chinese,
            Wordings = ["(请|快来|)(帮帮我|帮助我)", "你(能|可以)(帮帮我|帮助我|帮我)吗", "我(需要|想要)(你的|一点|一些|)(帮助|帮忙)", "我(有|想问)(一个|几个|个)问题", "我(可以|能)问(你|)(一个|个)问题吗"],
            Terse = ["当然！", "请说！", "请问吧！"],
            Lengthy = ["当然可以，我很乐意帮忙！你想知道些什么呢？", "好的，请把你的问题告诉我，我会尽力回答。"],
        },
        new()
        {
            Name = "languages", Language = Language.English, IsQuestion = true,
            Wordings = ["(do|can) you (speak|understand|read|write) (english|chinese|two languages)", "(what|which) languages? (do|can) you (speak|understand|read|write)"],
            Terse = ["English and Chinese.", "English, Chinese."],
            Lengthy = ["I can speak a little English, and I can speak Chinese as well.", "I understand English and Chinese, but only short and simple sentences."],
        },
        new()
        {
            Name = "languages", Language = Language.Chinese, IsQuestion = true,
            Wordings = ["你(会|能)(说|讲|懂|写)(中文|英文|英语|汉语)吗", "你(会|能)(说|讲|懂|写)(哪些|什么|几种)(语言|话)"],
            Terse = ["中文和英文。", "中文、英文。"],
            Lengthy = ["我会说中文，也会说英文，不过只会简单的句子。", "中文和英文我都懂，你用哪种语言都可以。"],
        },
    ];
}
