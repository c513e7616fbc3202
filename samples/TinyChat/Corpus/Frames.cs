namespace TinyChat;

/// <summary>What people put around a sentence: "hey, ...", "..., please", 请问……. Any frame fits any wording of its kind.</summary>
internal static class Frames
{
    private static readonly string[] EnglishQuestionStarts =
        ["", "", "", "", "", "", "", "", "hey, ", "ok, ", "please tell me: ", "excuse me, "];

    private static readonly string[] EnglishQuestionEnds = ["", "", "", "", "", "", ", please", ", thanks"];

    private static readonly string[] EnglishTalkStarts = ["", "", "", "", "", "hey, ", "oh, ", "well, "];

    private static readonly string[] EnglishTalkEnds = ["", "", "", "", "", ", my friend", ", tinychat"];

    private static readonly string[] ChineseQuestionStarts =
        ["", "", "", "", "", "", "", "请问，", "请问", "那么，", "请告诉我，"];

    private static readonly string[] ChineseQuestionEnds = ["", "", "", "", "", "，谢谢", "，小聊"];

    private static readonly string[] ChineseTalkStarts = ["", "", "", "", "", "嗨，", "嘿，", "那个，"];

    private static readonly string[] ChineseTalkEnds = ["", "", "", "", "", "，朋友", "，小聊"];

    /// <summary>What may stand before a wording of <paramref name="intent"/>; an empty text appears as often as it is wanted.</summary>
    public static IReadOnlyList<string> Starts(Intent intent) => (intent.Language, intent.IsQuestion) switch
    {
        (Language.English, true) => EnglishQuestionStarts,
        (Language.English, false) => EnglishTalkStarts,
        (_, true) => ChineseQuestionStarts,
        _ => ChineseTalkStarts,
    };

    /// <summary>What may stand after it, before the final punctuation.</summary>
    public static IReadOnlyList<string> Ends(Intent intent) => (intent.Language, intent.IsQuestion) switch
    {
        (Language.English, true) => EnglishQuestionEnds,
        (Language.English, false) => EnglishTalkEnds,
        (_, true) => ChineseQuestionEnds,
        _ => ChineseTalkEnds,
    };

    /// <summary>The final punctuation.</summary>
    public static IReadOnlyList<string> Punctuation(Intent intent) => (intent.Language, intent.IsQuestion) switch
    {
        (Language.English, true) => ["?", "?", ""],
        (Language.English, false) => ["!", ".", ""],
        (_, true) => ["？", "？", "", "?"],
        _ => ["！", "。", "", "!"],
    };
}
