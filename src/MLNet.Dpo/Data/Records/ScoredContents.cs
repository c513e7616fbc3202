using System.Text.Json;

namespace MLNet.Dpo.Data.Records;

/// <summary>A last turn whose <c>content</c> is a list of answers, each <c>{"text", "score"}</c>.</summary>
internal static class ScoredContents
{
    /// <summary>Whether a turn is of this kind: its content is a list with a score in it, or with more than one plain <c>{"text"}</c>.</summary>
    public static bool IsScored(JsonElement turn) =>
        turn.TryGet("content", out var content) && content.ValueKind == JsonValueKind.Array
        && (content.EnumerateArray().Any(item => item.Has("score"))
            || (content.GetArrayLength() > 1 && content.EnumerateArray().All(item => item.ValueKind == JsonValueKind.Object && !item.Has("type"))));

    /// <summary>Reads the answers and their scores.</summary>
    public static PreferenceGroup Read(JsonRecord record, List<SourceMessage> prompt, JsonElement turn, GroupBuilder groups)
    {
        var role = MessageReader.ReadRole(record, turn, "the last message");
        if (role != "assistant")
            throw record.Error($"the last message, which has scored answers, is of '{role}'; expected the assistant");
        var weight = MessageReader.ReadLossWeight(record, turn, "the last message");
        var responses = new List<List<SourceMessage>>();
        var (scores, masks) = (new List<float>(), new List<float>());
        foreach (var answer in turn.GetProperty("content").EnumerateArray())
        {
            var where = $"answer {responses.Count + 1}";
            masks.Add(ReadMask(record, answer, where));
            scores.Add(Scores.Read(record, answer.TryGet("score", out var score) ? score : default, where));
            responses.Add(groups.Answer(record, [SourceMessage.Plain("assistant", Text(record, answer, where))], where));
        }
        return GroupBuilder.Group(record, prompt, responses, scores, masks) with { WeighsLastTurn = weight is not null and not 1 };
    }

    private static string Text(JsonRecord record, JsonElement answer, string where) => answer.TryGet("text", out var text) && text.ValueKind == JsonValueKind.String
        ? text.GetString()!
        : throw record.Error($"{where} has no 'text'; expected {{\"text\", \"score\"}}");

    /// <summary>Whether the language-model loss learns an answer: it does not, where nothing is said.</summary>
    private static float ReadMask(JsonRecord record, JsonElement answer, string where)
    {
        if (!answer.TryGet("lm_loss_mask", out var mask))
            return 0;
        return mask.ValueKind == JsonValueKind.Number && mask.TryGetSingle(out var value) && value is 0 or 1
            ? value
            : throw record.Error($"{where} has 'lm_loss_mask' {mask.GetRawText()}; expected 0 or 1");
    }
}
