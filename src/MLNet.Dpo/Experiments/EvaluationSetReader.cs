using System.Text.Json;
using System.Text.Json.Nodes;
using MLNet.Dpo.DataViews;
using MLNet.Dpo.Files;
using MLNet.Dpo.Text;

namespace MLNet.Dpo.Experiments;

/// <summary>
/// Reads evaluation sets: a JSON object a line, with <c>prompt</c> or <c>messages</c>; one of <c>expected</c> or <c>exact</c>, <c>contains</c> (a text or a list of texts), <c>regex</c>, <c>numeric</c> (with <c>tolerance</c>),
/// <c>judge</c> (a reference answer); and <c>ignore_case</c> and <c>id</c> where wanted.
/// </summary>
internal static class EvaluationSetReader
{
    private const string Exact = "exact";
    private const string Expected = "expected";
    private const string Contains = "contains";
    private const string Matches = "regex";
    private const string Numeric = "numeric";
    private const string Judge = "judge";
    private const string Tolerance = "tolerance";
    private const string IgnoreCase = "ignore_case";
    private static readonly string[] Checks = [Expected, Exact, Contains, Matches, Numeric, Judge];
    private static readonly string[] Keys = ["prompt", "messages", "id", IgnoreCase, Tolerance, .. Checks];

    /// <summary>The cases of a file, in order; blank lines are passed over.</summary>
    /// <exception cref="PreferenceDataException">A line is no case; the message names file and line.</exception>
    internal static IReadOnlyList<EvaluationCase> Read(string path)
    {
        if (!File.Exists(path)) throw new PreferenceDataException($"{path}: no such file; give an evaluation set, a JSON object a line.");
        var bytes = ReadableFile.ReadAllBytes(path);
        var cases = new List<EvaluationCase>();
        var i = -1;
        foreach (var range in bytes.AsSpan().Split((byte)'\n'))
        {
            i++;
            var line = bytes[range];
            if (line.AsSpan().Trim(" \t\r"u8).IsEmpty) continue;
            var place = $"{path}, line {i + 1}";
            try
            {
                cases.Add(Case(line) is var read && read.Name.Length > 0 ? read : read with { Name = $"{Path.GetFileName(path)}:{i + 1}" });
            }
            catch (Exception e) when (e is FormatException or ArgumentException or JsonException)
            {
                throw new PreferenceDataException($"{place}: {(e is JsonException json ? $"not a JSON object of one line ({JsonErrors.Describe(json)})" : e.Message.ReplaceLineEndings(" "))}", e) { File = path, Line = i + 1 };
            }
        }
        if (cases.Count == 0) throw new PreferenceDataException($"{path}: no cases; give a JSON object a line, such as {{\"prompt\": \"What is 2 + 2?\", \"numeric\": 4}}.");
        if (cases.GroupBy(c => c.Name).FirstOrDefault(same => same.Count() > 1) is { } twice) throw new PreferenceDataException($"{path}: the id '{twice.Key}' stands {twice.Count()} times; give each case its own.");
        return cases;
    }

    private static EvaluationCase Case(byte[] line)
    {
        if (JsonFile.Parse(line) is not JsonObject json) throw new FormatException("expected a JSON object, such as {\"prompt\": \"...\", \"contains\": \"...\"}.");
        if (json.Select(p => p.Key).FirstOrDefault(key => !Keys.Contains(key)) is { } unknown) throw new FormatException($"the key '{unknown}' is not known; allowed: {string.Join(", ", Keys)}.");
        if (json.ContainsKey("prompt") == json.ContainsKey("messages")) throw new FormatException("expected either prompt or messages.");
        var messages = json["messages"] is { } node ? Messages(node) : "";
        var prompt = messages.Length > 0 ? "" : Text(json, "prompt");
        return new EvaluationCase(prompt, messages, Answer(json)) { Name = json.ContainsKey("id") ? Text(json, "id") : "" };
    }

    private static ExpectedAnswer Answer(JsonObject json)
    {
        var given = Checks.Where(json.ContainsKey).ToList();
        if (given.Count != 1) throw new FormatException($"expected one of {string.Join(", ", Checks)}; it has {(given.Count == 0 ? "none" : string.Join(" and ", given))}.");
        if (json.ContainsKey(Tolerance) && given[0] != Numeric) throw new FormatException($"{Tolerance} is only for {Numeric}.");
        if (json.ContainsKey(IgnoreCase) && given[0] is Numeric or Judge) throw new FormatException($"{IgnoreCase} is not for {given[0]}.");
        var ignoreCase = json.ContainsKey(IgnoreCase) && Value(json, IgnoreCase, JsonValueKind.True, JsonValueKind.False, "true or false").GetValue<bool>();
        return given[0] switch
        {
            Contains => ExpectedAnswer.Contains(ignoreCase, Texts(json, Contains)),
            Matches => ExpectedAnswer.Matches(Text(json, Matches), ignoreCase),
            Numeric when json.ContainsKey(Tolerance) => ExpectedAnswer.Number(Number(json, Numeric), Number(json, Tolerance)),
            Numeric => ExpectedAnswer.Number(Number(json, Numeric)),
            Judge => ExpectedAnswer.Judged(Text(json, Judge)),
            var exact => ExpectedAnswer.Exact(ignoreCase, Texts(json, exact)),
        };
    }

    private static string Messages(JsonNode node) => node is JsonArray array
        ? Named(() => MessagesJson.Checked(array)).ToJsonString()
        : throw new FormatException("messages must be an array of {\"role\", \"content\"}.");

    private static T Named<T>(Func<T> check)
    {
        try
        {
            return check();
        }
        catch (FormatException e)
        {
            throw new FormatException($"messages {e.Message}.", e);
        }
    }

    private static string[] Texts(JsonObject json, string key) => json[key] is JsonArray list
        ? [.. list.Select(item => item is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : throw new FormatException($"{key} must be a text or a list of texts."))]
        : [Text(json, key)];

    private static string Text(JsonObject json, string key) => Value(json, key, JsonValueKind.String, JsonValueKind.String, "a text").GetValue<string>();

    private static double Number(JsonObject json, string key) => Value(json, key, JsonValueKind.Number, JsonValueKind.Number, "a number").GetValue<double>();

    private static JsonValue Value(JsonObject json, string key, JsonValueKind kind, JsonValueKind or, string expected) =>
        json[key] is JsonValue value && (value.GetValueKind() == kind || value.GetValueKind() == or) ? value : throw new FormatException($"{key} is {json[key]?.ToJsonString() ?? "null"}; expected {expected}.");
}
