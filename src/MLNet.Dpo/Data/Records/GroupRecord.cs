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
        return WithLmLoss(record, GroupBuilder.Group(record, messages, responses, scores), messages.Count);
    }

    /// <summary>What the language-model loss learns, as lists beside the others.</summary>
    private static PreferenceGroup WithLmLoss(JsonRecord record, PreferenceGroup group, int messages)
    {
        var (weights, masks) = (Numbers(record, "loss_weights"), Numbers(record, "lm_loss_masks"));
        if (weights is not null && (weights.Length != messages || weights.Any(weight => weight is not (>= 0 and <= 1))))
            throw record.Error($"'loss_weights' is {record.Root.GetProperty("loss_weights").GetRawText()}; expected a number from 0 to 1 for each of the {messages} messages of the prompt");
        if (masks is not null && (masks.Length != group.ResponseCount || masks.Any(mask => mask is not (0 or 1))))
            throw record.Error($"'lm_loss_masks' is {record.Root.GetProperty("lm_loss_masks").GetRawText()}; expected 0 or 1 for each of the {group.ResponseCount} responses");
        return group with { LossWeights = weights ?? group.LossWeights, LmLossMasks = masks ?? group.LmLossMasks };
    }

    private static float[]? Numbers(JsonRecord record, string name)
    {
        if (!record.TryRead(name, out var list) || list.ValueKind == JsonValueKind.Array && list.GetArrayLength() == 0)
            return null;
        return list.ValueKind == JsonValueKind.Array
            ? [.. list.EnumerateArray().Select(item => item.ValueKind == JsonValueKind.Number && item.TryGetSingle(out var value) ? value : float.NaN)]
            : throw record.Error($"'{name}' is {RecordFields.Describe(list)}; expected a list of numbers");
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
