using System.Text.Json.Nodes;

namespace MLNet.Dpo.Conformance;

/// <summary>Reads golden files.</summary>
internal static class GoldenJson
{
    public static JsonNode Read(string folder, string file) => JsonNode.Parse(File.ReadAllText(Path.Combine(folder, file)))!;

    public static IEnumerable<JsonObject> Rows(string folder, string file) =>
        File.Exists(Path.Combine(folder, file)) ? Read(folder, file).AsArray().Select(row => row!.AsObject()) : [];

    public static int[] Ids(this JsonNode? node) => [.. node!.AsArray().Select(id => id!.GetValue<int>())];

    public static string Text(this JsonNode? node) => node!.GetValue<string>();
}
