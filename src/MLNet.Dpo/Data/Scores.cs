using System.Text.Json;
using MLNet.Dpo.Data.Records;

namespace MLNet.Dpo.Data;

/// <summary>Scores of answers in a record.</summary>
internal static class Scores
{
    /// <summary>Reads a score: a number that single precision can hold.</summary>
    public static float Read(JsonRecord record, JsonElement value, string where)
    {
        if (value.ValueKind == JsonValueKind.Number && value.TryGetSingle(out var score) && float.IsFinite(score))
            return score;
        throw record.Error($"{where} has {(value.ValueKind == JsonValueKind.Undefined ? "no score" : $"a score that is {RecordFields.Describe(value)}")}; expected a number");
    }
}
