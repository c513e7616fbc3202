using System.Text.Json;

namespace MLNet.Dpo.Data.Records;

/// <summary>
/// UltraFeedback's <c>completions</c>: a list of answers, each with its own score. The first of <c>overall_score</c>, <c>fine-grained_score</c>, <c>score</c> and <c>rating</c>
/// that every answer has decides, so that no two are compared by different measures; where none is, the mean of each one's annotated ratings.
/// </summary>
internal static class RatedCompletions
{
    private static readonly string[] ScoreKeys = ["overall_score", "fine-grained_score", "score", "rating"];
    private static readonly string[] AnswerKeys = ["response", "text", "content", "completion"];
    private static readonly string[] OwnKeys = ["annotations", "critique", "principle", "custom_system_prompt", "model", .. ScoreKeys];

    /// <summary>Whether a value is such a list.</summary>
    public static bool Is(JsonElement list) =>
        list.ValueKind == JsonValueKind.Array && list.EnumerateArray().Any(item => KeyOfAnswer(item) is not null && (item.Has("annotations") || ScoreKeys.Any(key => item.Has(key)) || item.Has("response")));

    /// <summary>Reads the answers and their scores.</summary>
    public static (List<List<SourceMessage>> Responses, List<float> Scores) Read(JsonRecord record, JsonElement list, GroupBuilder groups)
    {
        var responses = new List<List<SourceMessage>>();
        var scores = new List<float>();
        JsonElement[] items = [.. list.EnumerateArray()];
        var scoreKey = Array.Find(ScoreKeys, key => items.All(item => item.TryGet(key, out var score) && Scores.TryRead(score) is not null));
        foreach (var item in items)
        {
            var where = $"completion {responses.Count + 1}";
            var answerKey = KeyOfAnswer(item) ?? throw record.Error($"{where} has no 'response'; expected a text");
            CheckOthers(record, item, answerKey, where);
            responses.Add(groups.Answer(record, ResponseReader.Read(record, item.GetProperty(answerKey), where), where));
            scores.Add(scoreKey is null ? MeanRating(record, item, where) : Scores.Read(record, item.GetProperty(scoreKey), where));
        }
        return (responses, scores);
    }

    private static string? KeyOfAnswer(JsonElement item) => item.FirstOf(AnswerKeys);

    /// <summary>What else an answer has is about it, or lost.</summary>
    private static void CheckOthers(JsonRecord record, JsonElement item, string answerKey, string where)
    {
        foreach (var property in item.EnumerateObject().Where(property => property.Name != answerKey && !OwnKeys.Contains(property.Name)))
        {
            if (!SideKeys.IsKnown(property.Name) && SideKeys.CarriesText(property.Value))
                throw record.Error($"{where} has '{property.Name}', {RecordFields.Describe(property.Value)}, which would be lost; expected a response, its scores and what is about it: rename or remove the key");
        }
    }

    private static float MeanRating(JsonRecord record, JsonElement item, string where)
    {
        var ratings = new List<float>();
        if (item.TryGet("annotations", out var annotations) && annotations.ValueKind == JsonValueKind.Object)
        {
            foreach (var aspect in annotations.EnumerateObject().Select(property => property.Value))
            {
                // Where an aspect is rated more than once, its first rating is the whole answer's.
                var rated = aspect.ValueKind == JsonValueKind.Array && aspect.GetArrayLength() > 0 ? aspect[0] : aspect;
                if ((rated.TryGet("Rating", out var rating) || rated.TryGet("rating", out rating)) && Scores.TryRead(rating) is { } number)
                    ratings.Add(number);
            }
        }
        if (ratings.Count > 0)
            return ratings.Average();
        var given = item.FirstOf(ScoreKeys);
        throw record.Error(given is null
            ? $"{where} has no score; expected the same one of '{string.Join("', '", ScoreKeys)}' in all completions, or annotations with ratings"
            : $"{where} has '{given}', {RecordFields.Describe(item.GetProperty(given))}, but not every completion has it as a number; expected the same one of '{string.Join("', '", ScoreKeys)}' in all");
    }
}
