using System.Globalization;
using MLNet.Dpo.Models;
using MLNet.Dpo.Reporting;
using MLNet.Dpo.Saving;
using static TorchSharp.torch;

namespace MLNet.Dpo.Training;

/// <summary>A run's <c>checkpoint-N</c> as a model: where the folders are that it stands on, and what it was trained with.</summary>
internal sealed class SavedCheckpoint
{
    private const string None = "none";
    private readonly string _folder;
    private readonly CheckpointState _state;
    private readonly IReadOnlyDictionary<string, string> _paths;

    private SavedCheckpoint(string folder, CheckpointState state)
    {
        (_folder, _state) = (folder, state);
        _paths = RunRecord.Read(Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)))!).Options;
    }

    /// <summary>β of the run; 1 where it had none.</summary>
    internal double Beta => double.TryParse(Value("Beta"), NumberStyles.Float, CultureInfo.InvariantCulture, out var beta) ? beta : 1;

    /// <summary>The most tokens that it was trained with.</summary>
    internal int? MaxLength => int.TryParse(Value("MaxLength"), NumberStyles.None, CultureInfo.InvariantCulture, out var length) ? length : null;

    internal TruncationMode TruncationMode => Enum.TryParse<TruncationMode>(Value("TruncationMode"), out var mode) ? mode : TruncationMode.KeepStart;

    /// <summary>The tokenizer that the run was given; null where it was the base's.</summary>
    internal string? Tokenizer => _paths.GetValueOrDefault(nameof(Tokenizer));

    private bool IsAdapter => File.Exists(Path.Combine(_folder, AdapterFolder.ConfigName));

    /// <summary>Whether a folder is a checkpoint.</summary>
    internal static bool IsAt(string folder) => File.Exists(Path.Combine(folder, CheckpointState.FileName));

    /// <summary>Reads what a checkpoint is, and that its files are as they were written.</summary>
    internal static SavedCheckpoint Open(string folder)
    {
        var state = CheckpointState.Read(folder);
        state.CheckFiles(folder);
        return new SavedCheckpoint(folder, state);
    }

    /// <summary>The folder of the base.</summary>
    /// <param name="given">The caller's, which goes before the one that the run had.</param>
    internal string Base(string? given) => Found(given, _paths.GetValueOrDefault("BaseModel") ?? (IsAdapter ? AdapterFolder.BaseOf(_folder) : null), "base model", "baseModel");

    /// <summary>The model, with its reference.</summary>
    /// <exception cref="InvalidDataException">A folder holds other weights than the run saw.</exception>
    internal TunedModel Load(string baseFolder, string? referenceModel, string? initialAdapter, Device device, Precision precision)
    {
        var dtype = PrecisionChoice.Resolve(precision == Precision.Auto ? RunIdentity.PrecisionOf(_state.Run) : precision, 0, device);
        var reference = Reference(IsAdapter ? null : baseFolder, referenceModel, device, dtype); // looks for a folder, before anything is loaded
        if (!IsAdapter) return new TunedModel(ModelFolder.Load(_folder, device, dtype, keepsMasters: true), null, Path.GetFullPath(baseFolder), reference);
        var network = ModelFolder.Load(baseFolder, device, dtype);
        try
        {
            Require(ModelFingerprint.IsBase(network, baseFolder, Value("BaseModel") ?? ""), baseFolder, "baseModel");
            if (Value("Lora.InitialAdapter") is not (null or None)) LoadInitial(network, initialAdapter);
            return new TunedModel(network, AdapterFolder.Load(network, _folder), Path.GetFullPath(baseFolder), reference);
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    // The adapter that the run began with is its reference's.
    private void LoadInitial(CausalLM network, string? given)
    {
        var folder = Found(given, _paths.GetValueOrDefault("Lora.InitialAdapter"), "adapter that the run began with", "initialAdapter");
        AdapterFolder.Read(network, folder).Put(network, AdapterState.Reference);
        Require(ModelFingerprint.OfReferenceAdapter(network) == Value("Lora.InitialAdapter"), folder, "initialAdapter");
    }

    // Null where the reference is the network without its adapter. That of another folder is looked for when rewards are asked for, and checked then.
    private SeparateReference? Reference(string? baseFolder, string? given, Device device, ScalarType dtype)
    {
        if (Value("ReferenceModel") is { } fingerprint and not None)
            return new SeparateReference(Path.GetFullPath(Found(given, _paths.GetValueOrDefault("ReferenceModel"), "reference model", "referenceModel")), null, fingerprint, device, dtype);
        return baseFolder is null ? null : new SeparateReference(Path.GetFullPath(baseFolder), null, Value("BaseModel") ?? "", device, dtype);
    }

    private void Require(bool isTheRuns, string folder, string parameter)
    {
        if (!isTheRuns)
            throw new InvalidDataException($"{_folder} was trained on other weights than {folder} holds; put the original back, or give its folder as {parameter}.");
    }

    private string Found(string? given, string? known, string role, string parameter)
    {
        var path = given ?? known ?? throw new DirectoryNotFoundException($"{_folder} does not say where its {role} is; give the folder as {parameter}.");
        return OpenedWeights.IsThere(path) ? path : throw new DirectoryNotFoundException($"The {role} of {_folder} is '{path}', which is not there; give the folder as {parameter}.");
    }

    private string? Value(string name) => _state.Run.GetValueOrDefault(name);
}
