using System.Text.Json;

namespace MLNet.Dpo.Data.Records;

/// <summary>Records that are groups already: <c>prompt</c>, <c>responses</c>, <c>scores</c>.</summary>
internal sealed class GroupRecord(GroupBuilder groups)
{
    /// <summary>Reads a record.</summary>
    public PreferenceGroup Read(JsonRecord record)
    {
        var prompt = PromptReader.Read(record, "prompt") ?? throw record.Error("'prompt' is missing; expected a text or a list of messages");
        var responses = List(record, "responses").Select((value, i) => groups.Answer(record, ResponseReader.Read(record, value, $"response {i + 1}"), $"response {i + 1}")).ToArray();
        var scores = List(record, "scores").Select((value, i) => Scores.Read(record, value, $"response {i + 1}")).ToArray();
        if (responses.Length != scores.Length)
            throw record.Error($"there are {responses.Length} responses and {scores.Length} scores; expected one score for each response");
        return GroupBuilder.Group(record, prompt, responses, scores);
    }

    private static JsonElement.ArrayEnumerator List(JsonRecord record, string name)
    {
        if (record.Root.TryGet(name, out var list) && list.ValueKind == JsonValueKind.Array && list.GetArrayLength() > 0)
            return list.EnumerateArray();
        throw record.Error($"'{name}' is {(record.Root.Has(name) ? RecordFields.Describe(list) : "missing")}; expected a list with at least one item");
    }
}
