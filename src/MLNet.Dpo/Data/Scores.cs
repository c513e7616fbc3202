using System.Globalization;
using System.Text.Json;
using MLNet.Dpo.Data.Records;

namespace MLNet.Dpo.Data;

/// <summary>Scores of answers in a record.</summary>
internal static class Scores
{
    /// <summary>Reads a score: a number that single precision can hold, also written as a text.</summary>
    public static float Read(JsonRecord record, JsonElement value, string where)
    {
        if (TryRead(value) is { } score)
            return score;
        var found = value.ValueKind switch
        {
            JsonValueKind.Undefined or JsonValueKind.Null => "no score",
            JsonValueKind.String => $"the score '{value.GetString()}'",
            _ => $"a score that is {RecordFields.Describe(value)}",
        };
        throw record.Error($"{where} has {found}; expected a number");
    }

    /// <summary>A score, as a number or the text of one; null where the value is neither.</summary>
    public static float? TryRead(JsonElement value)
    {
        float? read = value.ValueKind switch
        {
            JsonValueKind.Number => value.TryGetSingle(out var number) ? number : null,
            JsonValueKind.String => float.TryParse(value.GetString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null,
            _ => null,
        };
        return read is { } score && float.IsFinite(score) ? score : null;
    }
}
