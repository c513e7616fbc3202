using MLNet.Dpo.Adapters;
using MLNet.Dpo.Models;
using MLNet.Dpo.Saving;
using static TorchSharp.torch;

namespace MLNet.Dpo.Training;

/// <summary>A model made ready for training: loaded, with its adapters in place and the trained tensors known by name.</summary>
internal sealed class TrainingRun : IDisposable
{
    private string? _baseFingerprint;

    private TrainingRun(CausalLM model, AdapterConfig? adapter, CausalLM? reference, SeparateReference? separate)
    {
        (Model, Adapter, Reference, SeparateReference) = (model, adapter, reference, separate);
        // With all weights trained, the base itself is kept as the reference, and known already.
        _baseFingerprint = adapter is null && reference is null ? separate?.Fingerprint : null;
        Parameters = adapter is null ? [.. model.Parameters] : [.. AdapterTensors.Trained(model, AdapterState.Policy)];
        RecordGradients(true);
    }

    internal CausalLM Model { get; }

    /// <summary>The LoRA settings; null when all weights are trained.</summary>
    internal AdapterConfig? Adapter { get; }

    /// <summary>The reference model of one's own, until its log-probabilities are there; null where the reference is the policy before training.</summary>
    internal CausalLM? Reference { get; private set; }

    /// <summary>How the trained model finds its reference, where that is not its network without the adapter.</summary>
    internal SeparateReference? SeparateReference { get; }

    /// <summary>What is trained, under PEFT's or Hugging Face's names.</summary>
    internal IReadOnlyList<KeyValuePair<string, Tensor>> Parameters { get; }

    /// <summary>The base's <see cref="ModelFingerprint.OfBase"/>; to be asked for before the first step, and computed once.</summary>
    internal string BaseFingerprint => _baseFingerprint ??= ModelFingerprint.OfBase(Model);

    /// <summary>Loads the base model, the reference model where there is one, and puts in the adapters that the options ask for.</summary>
    /// <param name="options">The run's options.</param>
    /// <param name="precision">That of the run that goes on; null for the options'.</param>
    internal static TrainingRun Prepare(TrainingOptions options, Precision? precision = null)
    {
        var device = DeviceChoice.Resolve(options.Device);
        var dtype = ModelFolder.DtypeOf(options.BaseModel, precision ?? options.Precision, device);
        var model = ModelFolder.Load(options.BaseModel, device, dtype, keepsMasters: options.Lora is null);
        model.RecomputesLayers = options.GradientCheckpointing;
        CausalLM? reference = null;
        try
        {
            var adapter = options.Lora is { } lora ? Adapt(model, lora, options.Seed) : null;
            reference = options.ReferenceFolder is { } folder ? ModelFolder.Load(folder, device, dtype) : null;
            return new TrainingRun(model, adapter, reference, Separate(options, model, reference));
        }
        catch
        {
            model.Dispose();
            reference?.Dispose();
            throw;
        }
    }

    private static SeparateReference? Separate(TrainingOptions options, CausalLM model, CausalLM? reference) =>
        options is { ReferenceFolder: null, Lora: not null } ? null
        : new SeparateReference(Path.GetFullPath(options.ReferenceFolder ?? options.BaseModel), null, ModelFingerprint.OfBase(reference ?? model), model.Device, model.Dtype);

    /// <summary>Frees the reference model, whose log-probabilities are known now.</summary>
    internal void ReleaseReference()
    {
        Reference?.Dispose();
        Reference = null;
    }

    public void Dispose()
    {
        Model.Dispose();
        ReleaseReference();
    }

    private static AdapterConfig Adapt(CausalLM model, LoraOptions lora, int seed)
    {
        if (lora.InitialAdapter is { } folder)
        {
            var set = AdapterFolder.Read(model, folder, lora.Dropout);
            set.Put(model);
            LoraCheck.DropoutFits(set.Config, set.Updates.ContainsKey(model.Head.Projection));
            set.Frozen().Put(model, AdapterState.Reference);
            return set.Config;
        }
        var fresh = AdapterConfig.From(lora);
        LoraCheck.Fits(lora, fresh, model);
        AdapterSet.Fresh(model, fresh, new Random(seed)).Put(model);
        return fresh;
    }

    /// <summary>Ends gradient recording for the trained tensors; the model is then only read.</summary>
    internal void Freeze()
    {
        RecordGradients(false);
    }

    private void RecordGradients(bool record)
    {
        if (Model.Masters is { } masters)
        {
            masters.RecordGradients(record);
            return;
        }
        foreach (var (_, parameter) in Parameters)
        {
            parameter.grad = null;
            parameter.requires_grad_(record);
        }
    }
}
