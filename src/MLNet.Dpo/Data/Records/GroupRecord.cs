using System.Text.Json;

namespace MLNet.Dpo.Data.Records;

/// <summary>Records that are groups already: a prompt, any number of responses, and their scores; or UltraFeedback's <c>completions</c>, each with its own.</summary>
internal sealed class GroupRecord(GroupBuilder groups)
{
    private static readonly string[] ScoreKeys = ["overall_score", "score", "rating"];

    /// <summary>Whether a record is a group.</summary>
    public static bool Is(JsonElement root) => root.Has("responses") || root.Has("generations")
        || (root.TryGet("completions", out var list) && list.ValueKind == JsonValueKind.Array && list.EnumerateArray().Any(item => item.Has("response")));

    /// <summary>Reads a record.</summary>
    public PreferenceGroup Read(JsonRecord record)
    {
        var prompt = PromptReader.Read(record) ?? throw record.Error("'prompt' is missing; expected a text or a list of messages");
        var messages = SystemText.Before(record, prompt.Messages);
        var root = record.Root;
        if (!root.Has("responses") && !root.Has("generations") && root.Has("completions"))
            return ReadCompletions(record, messages);
        var name = root.Has("responses") || !root.Has("generations") ? "responses" : "generations";
        var responses = List(record, name).Select((value, i) => groups.Answer(record, ResponseReader.Read(record, value, $"response {i + 1}"), $"response {i + 1}")).ToArray();
        var scores = List(record, Array.Find(["scores", "ratings", "rating"], key => root.Has(key)) ?? "scores").Select((value, i) => Scores.Read(record, value, $"response {i + 1}")).ToArray();
        if (responses.Length != scores.Length)
            throw record.Error($"there are {responses.Length} responses and {scores.Length} scores; expected one score for each response");
        return GroupBuilder.Group(record, messages, responses, scores);
    }

    private PreferenceGroup ReadCompletions(JsonRecord record, List<SourceMessage> prompt)
    {
        var responses = new List<List<SourceMessage>>();
        var scores = new List<float>();
        foreach (var completion in List(record, "completions"))
        {
            var where = $"completion {responses.Count + 1}";
            if (!completion.TryGet("response", out var response))
                throw record.Error($"{where} has no 'response'; expected a text");
            var score = Array.Find(ScoreKeys, name => completion.Has(name)) is { } key ? completion.GetProperty(key) : default;
            responses.Add(groups.Answer(record, ResponseReader.Read(record, response, where), where));
            scores.Add(Scores.Read(record, score, where));
        }
        return GroupBuilder.Group(record, prompt, responses, scores);
    }

    private static JsonElement.ArrayEnumerator List(JsonRecord record, string name)
    {
        if (record.TryRead(name, out var list) && list.ValueKind == JsonValueKind.Array && list.GetArrayLength() > 0)
            return list.EnumerateArray();
        throw record.Error($"'{name}' is {(record.Root.Has(name) ? RecordFields.Describe(list) : "missing")}; expected a list with at least one item");
    }
}
