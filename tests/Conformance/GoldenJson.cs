using System.Text.Json;
using System.Text.Json.Nodes;

namespace MLNet.Dpo.Conformance;

/// <summary>Reads golden files; a complaint names the file, or the key that is missing.</summary>
internal static class GoldenJson
{
    public static JsonNode Read(string folder, string file)
    {
        string path = Path.Combine(folder, file);
        try
        {
            return JsonNode.Parse(File.ReadAllText(path)) ?? throw new InvalidDataException($"{file}: the file holds null");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{file}: line {e.LineNumber + 1}: not valid JSON", e);
        }
    }

    public static IEnumerable<JsonObject> Rows(string folder, string file) =>
        File.Exists(Path.Combine(folder, file)) ? Read(folder, file).AsArray().Select(row => row!.AsObject()) : [];

    /// <summary>The value of a key that must be there.</summary>
    public static JsonNode Need(this JsonNode node, string key) => node[key] ?? throw new InvalidDataException($"the golden file lacks the key {key}");

    public static int[] Ids(this JsonNode? node) => [.. node!.AsArray().Select(id => id!.GetValue<int>())];

    public static string Text(this JsonNode? node) => node!.GetValue<string>();
}
