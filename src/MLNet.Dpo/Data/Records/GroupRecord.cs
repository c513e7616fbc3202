using System.Text.Json;

namespace MLNet.Dpo.Data.Records;

/// <summary>Records that are groups already: a prompt, any number of responses, and their scores; or UltraFeedback's <c>completions</c>, each with its own.</summary>
internal sealed class GroupRecord(GroupBuilder groups)
{
    private static readonly string[] ResponseKeys = ["responses", "generations", "completions"];
    private static readonly string[] ScoreKeys = ["scores", "ratings", "rating", "score"];

    /// <summary>Whether a record is a group.</summary>
    public static bool Is(JsonElement root) => root.Has("responses") || root.Has("generations")
        || (root.TryGet("completions", out var list) && (RatedCompletions.Is(list) || (KeyOfScores(root) is not null && list.ValueKind is JsonValueKind.Array or JsonValueKind.String)));

    /// <summary>Reads a record.</summary>
    public PreferenceGroup Read(JsonRecord record)
    {
        var prompt = PromptReader.Read(record) ?? throw record.Error("'prompt' is missing; expected a text or a list of messages");
        var messages = SystemText.Before(record, prompt.Messages);
        var name = record.Root.FirstOf(ResponseKeys) ?? ResponseKeys[0];
        var list = List(record, name);
        if (RatedCompletions.Is(list))
        {
            var (rated, ownScores) = RatedCompletions.Read(record, list, groups);
            return GroupBuilder.Group(record, messages, rated, ownScores);
        }
        List<SourceMessage>[] responses = [.. list.EnumerateArray().Select((value, i) => groups.Answer(record, ResponseReader.Read(record, value, $"response {i + 1}"), $"response {i + 1}"))];
        float[] scores = [.. List(record, KeyOfScores(record.Root) ?? ScoreKeys[0]).EnumerateArray().Select((value, i) => Scores.Read(record, value, $"response {i + 1}"))];
        if (responses.Length != scores.Length)
            throw record.Error($"there are {responses.Length} responses and {scores.Length} scores; expected one score for each response");
        return GroupBuilder.Group(record, messages, responses, scores);
    }

    private static string? KeyOfScores(JsonElement root) => root.FirstOf(ScoreKeys);

    private static JsonElement List(JsonRecord record, string name)
    {
        if (record.TryReadList(name, out var list) && list.ValueKind == JsonValueKind.Array && list.GetArrayLength() > 0)
            return list;
        var isText = list.ValueKind == JsonValueKind.String && list.GetString()!.Length > 0;
        throw record.Error($"'{name}' is {(record.Root.Has(name) ? RecordFields.Describe(list) : "missing")}; expected a list with at least one item{(isText ? ", in a table as JSON: [\"...\", \"...\"]" : "")}");
    }
}
