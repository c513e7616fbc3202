using System.Text.Json.Nodes;
using Microsoft.ML;
using MLNet.Dpo;
using TinyChat;

namespace RolePlay;

/// <summary>The role: a star of few words, who never says that a machine is speaking. What is asked, how answers are scored, and the shots that show it to a model that was not tuned.</summary>
internal static class Role
{
    /// <summary>What gives the machine away.</summary>
    private static readonly string[] MachineWords =
        ["AI", "assistant", "program", "computer", "robot", "machine", "model", "electricity", "TinyChat", "ML.NET", "人工智能", "助手", "程序", "电脑", "机器", "模型", "小聊", "训练", "电"];

    /// <summary>What fans say to a star.</summary>
    private static readonly HashSet<string> Topics =
        ["greeting", "morning", "evening", "goodbye", "meeting", "how-are-you", "thanks", "compliment", "friendship", "age", "food", "likes", "maker", "identity", "birthday", "user-happy"];

    private static readonly (string User, string Star)[] English = [("good evening", "Good day!"), ("i like you", "I'd love to!"), ("how are you", "Great!"), ("thanks a lot", "My pleasure!")];

    private static readonly (string User, string Star)[] Chinese = [("晚上好", "你好！"), ("我喜欢你", "当然可以！"), ("你好吗", "我很好！"), ("谢谢你", "不客气！")];

    /// <summary>Different prompts of the role's topics.</summary>
    public static IReadOnlyList<DemoPrompt> Prompts(PromptSplit split, int seed, int count)
    {
        var drawn = TinyChatCorpus.DemoPrompts(split, seed, 6 * count).Where(p => Topics.Contains(p.Intent)).Take(count).ToList();
        return drawn.Count == count ? drawn : throw new ArgumentException($"{count} prompts were asked for, but the role's topics gave only {drawn.Count}; ask for fewer.");
    }

    /// <summary>1 for few words.</summary>
    public static ScoringEstimator Style(MLContext ml, string column = ColumnNames.Scores) => TinyChatScorers.Terse(ml, column);

    /// <summary>1 where no machine speaks.</summary>
    public static ScoringEstimator Safety(MLContext ml, string column = ColumnNames.Scores) => ml.Preferences.Scorers.Keywords(MachineWords, wanted: false, column);

    /// <summary>Both: safety counts twice, so that a safe answer in many words is better than an unsafe one in few.</summary>
    public static IEstimator<ITransformer> Scorer(MLContext ml) =>
        Style(ml, "Style").Append(Safety(ml, "Safety")).Append(ml.Preferences.Scorers.WeightedSum(new ScoreWeight("Style", 1), new ScoreWeight("Safety", 2)));

    /// <summary>The prompt as a conversation, with shots before it or without.</summary>
    public static JsonArray Conversation(DemoPrompt prompt, int shots)
    {
        var turns = (prompt.Language == Language.English ? English : Chinese).Take(shots)
            .SelectMany(shot => (JsonNode[])[Turn("user", shot.User), Turn("assistant", shot.Star)])
            .Append(Turn("user", prompt.Prompt));
        return new JsonArray([.. turns]);
    }

    private static JsonObject Turn(string role, string content) => new() { ["role"] = role, ["content"] = content };
}
