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
        if (turn.TryGet("loss_weight", out var weight) && !(weight.ValueKind == JsonValueKind.Number && weight.GetDouble() == 1.0))
            throw record.Error($"the last message has 'loss_weight' {weight.GetRawText()}; it must be 1.0: remove the key");
        var responses = new List<List<SourceMessage>>();
        var scores = new List<float>();
        foreach (var answer in turn.GetProperty("content").EnumerateArray())
        {
            var where = $"answer {responses.Count + 1}";
            CheckMask(record, answer, where);
            scores.Add(Scores.Read(record, answer.TryGet("score", out var score) ? score : default, where));
            responses.Add(groups.Answer(record, [SourceMessage.Plain("assistant", Text(record, answer, where))], where));
        }
        return GroupBuilder.Group(record, prompt, responses, scores);
    }

    private static string Text(JsonRecord record, JsonElement answer, string where) => answer.TryGet("text", out var text) && text.ValueKind == JsonValueKind.String
        ? text.GetString()!
        : throw record.Error($"{where} has no 'text'; expected {{\"text\", \"score\"}}");

    /// <summary>The mask chooses answers that the language-model loss counts besides; only what is done anyway, none, is accepted.</summary>
    private static void CheckMask(JsonRecord record, JsonElement answer, string where)
    {
        if (answer.TryGet("lm_loss_mask", out var mask) && !(mask.ValueKind == JsonValueKind.Number && mask.GetDouble() == 0))
            throw record.Error($"{where} has 'lm_loss_mask' {mask.GetRawText()}; only the default, 0, is supported yet: remove the key");
    }
}
