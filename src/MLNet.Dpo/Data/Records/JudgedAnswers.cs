using System.Text.Json;

namespace MLNet.Dpo.Data.Records;

/// <summary>
/// Records of two answers of equal rank (<c>response_0</c> and <c>response_1</c>, <c>human_ref_A</c> and <c>human_ref_B</c>), the better of which another key tells, or of answers
/// with ranks. Whether 0, 1, "A" or a negative number means the first is each data set's own affair, so nothing is read from them.
/// </summary>
internal static class JudgedAnswers
{
    private const string Expected = "expected the better answer as 'chosen' and the other as 'rejected', or both as 'responses' with their 'scores' (higher is better), beside 'prompt'";
    private static readonly (char First, char Second)[] Marks = [('0', '1'), ('1', '2'), ('a', 'b'), ('A', 'B')];

    private static readonly string[] VerdictWords = ["label", "winner", "better", "safer", "prefer", "choice", "chosen", "best", "verdict", "rating", "score", "rank"];

    /// <summary>What an error says of such a record; null where it is none.</summary>
    public static string? Describe(JsonElement root)
    {
        foreach (var first in root.EnumerateObject().Where(property => IsAnswer(property.Name, property.Value)))
        {
            if (Partner(root, first.Name) is { } second)
                return $"'{first.Name}' and '{second}' are two answers, and {Verdict(root, first.Name, second)}; {Expected}: write the records so";
        }
        foreach (var list in root.EnumerateObject().Where(property => property.Value.ValueKind == JsonValueKind.Array))
        {
            if (list.Value.GetArrayLength() > 1 && list.Value.EnumerateArray().All(item => item.Has("rank")))
                return $"'{list.Name}' is a list of answers with ranks, whose order is not known to this library (1 is the best in most); {Expected}: write the records so";
        }
        return null;
    }

    private static bool IsAnswer(string name, JsonElement value) => SideKeys.CarriesText(value) && !SideKeys.IsKnown(name);

    /// <summary>The key of the same name but for its last mark, a digit or a letter.</summary>
    private static string? Partner(JsonElement root, string name)
    {
        foreach (var (first, second) in Marks)
        {
            if (name.Length > 1 && name[^1] == first && root.TryGet(name[..^1] + second, out var other) && SideKeys.CarriesText(other))
                return name[..^1] + second;
        }
        return null;
    }

    private static string Verdict(JsonElement root, string first, string second)
    {
        string[] verdicts = [.. root.EnumerateObject().Select(property => property.Name)
            .Where(name => name != first && name != second && VerdictWords.Any(word => name.Contains(word, StringComparison.OrdinalIgnoreCase))).Take(4)];
        return verdicts.Length == 0
            ? "nothing says which is the better one"
            : $"which is the better one is said by '{string.Join("', '", verdicts)}' in a way that is not known to this library";
    }
}
