using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using MLNet.Dpo.Files;
using MLNet.Dpo.Text;

namespace MLNet.Dpo.Training;

/// <summary>The content of a checkpoint's <c>trainer_state.json</c>.</summary>
/// <param name="Format">The version of this form.</param>
/// <param name="Step">Optimizer steps done.</param>
/// <param name="NumTokens">Tokens seen.</param>
/// <param name="Run">The run's <see cref="RunIdentity"/>.</param>
/// <param name="Machine">What it was computed with, see <see cref="RunMachine"/>.</param>
/// <param name="Files">The SHA-256 of every other file of the checkpoint.</param>
/// <param name="Sha256">Of all but itself; see <see cref="Sealed"/>.</param>
/// <param name="Best">How its evaluations went; null for a run that does not compare them.</param>
internal sealed record CheckpointState(
    int Format, int Step, long NumTokens, Dictionary<string, string> Run, Dictionary<string, string> Machine, Dictionary<string, string> Files, string Sha256 = "",
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] BestEvaluation? Best = null)
{
    internal const string FileName = "trainer_state.json";
    internal const int CurrentFormat = 2;

    /// <summary>Writes the state of a checkpoint whose other files are all in the folder.</summary>
    internal static void Write(string folder, RunPosition position, RunIdentity run, Dictionary<string, string> machine)
    {
        var files = Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal).ToDictionary(path => Path.GetFileName(path), HashOf);
        new CheckpointState(CurrentFormat, position.Step, position.Tokens, run.Values, machine, files, Best: position.Best).Write(folder);
    }

    /// <summary>Writes this state with its own checksum.</summary>
    internal void Write(string folder) =>
        AtomicFile.Write(Path.Combine(folder, FileName), stream => JsonSerializer.Serialize(stream, Sealed(), CheckpointJson.Default.CheckpointState));

    /// <summary>Reads a checkpoint's state.</summary>
    /// <exception cref="FileNotFoundException">It has none.</exception>
    /// <exception cref="InvalidDataException">It is damaged, or of a version that did not write down all that a resumed run must have the same.</exception>
    internal static CheckpointState Read(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path)) throw new FileNotFoundException($"{path}: no such file; a checkpoint is a checkpoint-N folder of an earlier run's OutputDirectory.", path);
        try
        {
            var bytes = ReadableFile.ReadAllBytes(path);
            CheckFormat(JsonFile.Parse(bytes), path);
            var state = JsonSerializer.Deserialize(bytes, CheckpointJson.Default.CheckpointState);
            return state is { Run: not null, Machine: not null, Files: not null } ? state : throw new JsonException("it lacks Run, Machine or Files");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path}: not a trainer state ({JsonErrors.Describe(e)}); use another checkpoint.", e);
        }
    }

    /// <summary>Checks that every file, this one too, is as it was written.</summary>
    /// <exception cref="InvalidDataException">One is not; the message names it.</exception>
    internal void CheckFiles(string folder)
    {
        if (Sealed().Sha256 != Sha256)
            throw new InvalidDataException($"{Path.Combine(folder, FileName)}: its content is not what was written (SHA-256 differs); use an earlier checkpoint.");
        foreach (var (name, expected) in Files)
        {
            var path = Path.Combine(folder, Path.GetFileName(name));
            if (!File.Exists(path)) throw new FileNotFoundException($"{path}: no such file, the checkpoint is not whole; use an earlier one.", path);
            if (HashOf(path) != expected) throw new InvalidDataException($"{path}: its content is not what was written (SHA-256 differs); use an earlier checkpoint.");
        }
    }

    private CheckpointState Sealed() => this with
    {
        Sha256 = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(this with { Sha256 = "" }, CheckpointJson.Default.CheckpointState)))),
    };

    private static void CheckFormat(JsonNode? json, string path)
    {
        if (json is not JsonObject state) throw new JsonException("it is no object");
        if (!state.TryGetPropertyValue(nameof(Format), out var format))
            throw new InvalidDataException($"{path} was written by an earlier version of the library, which did not store all that a resumed run must have the same; start afresh.");
        if (format is not JsonValue value || !value.TryGetValue(out int number) || number != CurrentFormat)
            throw new InvalidDataException($"{path}: Format is {format?.ToJsonString() ?? "null"}, this version reads {CurrentFormat}; resume with the version of the library that wrote it, or start afresh.");
    }

    private static string HashOf(string path)
    {
        using var stream = new FileStream(ReadableFile.Open(path), FileAccess.Read);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }
}

/// <summary>Serializes without reflection, which programs may have switched off, as file-based ones do.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, RespectNullableAnnotations = true, AllowDuplicateProperties = false)]
[JsonSerializable(typeof(CheckpointState))]
internal sealed partial class CheckpointJson : JsonSerializerContext;
