using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using MLNet.Dpo.Files;
using MLNet.Dpo.Text;

namespace MLNet.Dpo.Reporting;

/// <summary>run.json: what a run is beside its metrics. Its options, what became of its data, and what its model said before and after.</summary>
/// <param name="Options">The options that decide the result, by name.</param>
/// <param name="Data">Fingerprint and counts, by name.</param>
/// <param name="Samples">Completions before and after.</param>
internal sealed record RunRecord(IReadOnlyDictionary<string, string> Options, IReadOnlyDictionary<string, string> Data, IReadOnlyList<SampledPrompt> Samples)
{
    /// <summary>The file's name in the output directory.</summary>
    internal const string Name = "run.json";

    /// <summary>What the names in Data begin with that are a validation set's.</summary>
    internal const string Validation = "validation ";

    // Names in Data that findings read.
    internal const string Rows = "rows";
    internal const string Used = "used";
    internal const string Truncated = "with a cut response";
    internal const string CutPrompts = "with a cut prompt";
    internal const string LongPrompts = "dropped for a prompt that fills MaxLength";

    /// <summary>A run of which nothing is known but its metrics.</summary>
    internal static RunRecord Unknown { get; } = new(new Dictionary<string, string>(), new Dictionary<string, string>(), []);

    /// <summary>An option's or a count's number; null where there is none.</summary>
    internal double? Number(string name) =>
        double.TryParse(Options.GetValueOrDefault(name) ?? Data.GetValueOrDefault(name), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>Writes the file into a folder.</summary>
    internal void Write(string folder) => JsonFile.Write(Path.Combine(folder, Name), new JsonObject
    {
        ["options"] = Object(Options),
        ["data"] = Object(Data),
        ["samples"] = new JsonArray([.. Samples.Select(sample => (JsonNode)new JsonObject { ["prompt"] = sample.Prompt, ["before"] = sample.Before, ["after"] = sample.After })]),
    });

    /// <summary>Reads a folder's file; <see cref="Unknown"/> where there is none.</summary>
    /// <exception cref="InvalidDataException">It is not such a file.</exception>
    internal static RunRecord Read(string folder)
    {
        var path = Path.Combine(folder, Name);
        if (!File.Exists(path)) return Unknown;
        try
        {
            var json = JsonFile.Parse(ReadableFile.ReadAllBytes(path)) as JsonObject ?? throw new JsonException("it is no object");
            return new RunRecord(Texts(json, "options"), Texts(json, "data"), [.. SamplesOf(json)]);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path} is not what a run writes ({JsonErrors.Describe(e)}); remove it to report on the metrics alone.", e);
        }
    }

    private static Dictionary<string, string> Texts(JsonObject json, string name) => json[name] is JsonObject texts
        ? texts.ToDictionary(p => p.Key, p => Text(texts, p.Key))
        : throw new JsonException($"{name} is no object of texts");

    private static IEnumerable<SampledPrompt> SamplesOf(JsonObject json) => json["samples"] is JsonArray list
        ? list.Select(item => item is JsonObject sample ? new SampledPrompt(Text(sample, "prompt"), Text(sample, "before"), Text(sample, "after")) : throw new JsonException("a sample is no object"))
        : throw new JsonException("samples is no array");

    private static string Text(JsonObject json, string name) => json[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : throw new JsonException($"{name} is no text");

    private static JsonObject Object(IEnumerable<KeyValuePair<string, string>> values) => new(values.Select(v => KeyValuePair.Create(v.Key, (JsonNode?)JsonValue.Create(v.Value))));
}
