using System.Text.Json;
using System.Text.Json.Serialization;
using MLNet.Dpo.Files;
using MLNet.Dpo.Text;
using MLNet.Dpo.Training;

namespace MLNet.Dpo.Experiments;

/// <summary>A finished run of a sweep: its result, and what the result depends on.</summary>
/// <param name="Run">The run's options, base and data, by name.</param>
/// <param name="Judging">What the model was judged by.</param>
/// <param name="Result">How it did.</param>
internal sealed record SweepRecord(Dictionary<string, string> Run, string Judging, ModelResult Result)
{
    internal const string FileName = "result.json";

    /// <summary>Writes it, whole or not at all.</summary>
    internal void Write(string folder) => AtomicFile.Write(Path.Combine(folder, FileName), stream => JsonSerializer.Serialize(stream, this, SweepJson.Default.SweepRecord));

    /// <summary>Reads it; null where the run is not finished.</summary>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    internal static SweepRecord? Read(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path)) return null;
        try
        {
            return JsonSerializer.Deserialize(ReadableFile.ReadAllBytes(path), SweepJson.Default.SweepRecord) is { } record && record.IsWhole ? record : throw new JsonException("it lacks Run, Judging or Result, or a value in them is null");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path}: not a run's result ({JsonErrors.Describe(e)}); remove it to judge the run's model again.", e);
        }
    }

    // What the serializer does not look at: the values of dictionaries and lists.
    private bool IsWhole => !Run.ContainsValue(null!) && !Result.Metrics.Values.Contains(null!) && !Result.Responses.Contains(null!);

    /// <summary>What the run has otherwise, by name; empty where it is this one.</summary>
    internal string DifferencesFrom(IReadOnlyDictionary<string, string> here) => string.Join(", ",
        from name in here.Keys.Union(Run.Keys)
        where Run.GetValueOrDefault(name) != here.GetValueOrDefault(name)
        select name);

    /// <summary>Whether a folder has a checkpoint that can be gone on from.</summary>
    internal static bool HasWholeCheckpoint(string folder) => RunFolder.CheckpointsIn(folder).Any(checkpoint =>
    {
        try
        {
            CheckpointState.Read(checkpoint).CheckFiles(checkpoint);
            return true;
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            return false;
        }
    });
}

/// <summary>Serializes without reflection; a mean of nothing is NaN.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true, AllowDuplicateProperties = false, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(SweepRecord))]
internal sealed partial class SweepJson : JsonSerializerContext;
