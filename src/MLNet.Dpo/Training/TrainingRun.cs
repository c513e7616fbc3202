using MLNet.Dpo.Adapters;
using MLNet.Dpo.Models;
using MLNet.Dpo.Saving;
using MLNet.Dpo.Training.Reference;
using static TorchSharp.torch;

namespace MLNet.Dpo.Training;

/// <summary>A model made ready for training: loaded, with its adapters in place and the trained tensors known by name.</summary>
internal sealed class TrainingRun
{
    private string? _baseFingerprint;

    private TrainingRun(CausalLM model, AdapterConfig? adapter)
    {
        Model = model;
        Adapter = adapter;
        Parameters = adapter is null ? [.. model.Parameters] : [.. AdapterFolder.Tensors(model, p => p.Adapter)];
        foreach (var (_, parameter) in Parameters) parameter.requires_grad_();
    }

    internal CausalLM Model { get; }

    /// <summary>The LoRA settings; null when all weights are trained.</summary>
    internal AdapterConfig? Adapter { get; }

    /// <summary>What is trained, under PEFT's or Hugging Face's names.</summary>
    internal IReadOnlyList<KeyValuePair<string, Tensor>> Parameters { get; }

    /// <summary>The base's <see cref="ModelFingerprint.OfBase"/>; to be asked for before the first step, and computed once.</summary>
    internal string BaseFingerprint => _baseFingerprint ??= ModelFingerprint.OfBase(Model);

    /// <summary>Loads the base model and puts in the adapters that the options ask for.</summary>
    internal static TrainingRun Prepare(TrainingOptions options)
    {
        var model = ModelFolder.Load(options.BaseModel, DeviceChoice.Resolve(options.Device));
        try
        {
            return new TrainingRun(model, options.Lora is { } lora ? Adapt(model, lora, options.Seed) : null);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private static AdapterConfig Adapt(CausalLM model, LoraOptions lora, int seed)
    {
        if (lora.InitialAdapter is { } folder)
        {
            var config = AdapterFolder.Load(model, folder);
            foreach (var projection in model.Projections) projection.ReferenceAdapter = projection.Adapter?.Frozen();
            return config;
        }
        var random = new Random(seed);
        var targets = model.Projections.Where(p => lora.Targets(p.Name)).ToList();
        if (targets.Count == 0)
        {
            var names = model.Projections.Select(p => p.Name[(p.Name.LastIndexOf('.') + 1)..]).Distinct();
            throw new ArgumentException($"Lora.TargetModules is {string.Join(", ", lora.TargetModules)}; this model has {string.Join(", ", names)}.");
        }
        var fresh = AdapterConfig.From(lora);
        foreach (var projection in targets) projection.Adapter = fresh.Initialize(projection, random);
        return fresh;
    }

    /// <summary>Ends gradient recording for the trained tensors; the model is then only read.</summary>
    internal void Freeze()
    {
        foreach (var (_, parameter) in Parameters)
        {
            parameter.grad = null;
            parameter.requires_grad_(false);
        }
    }
}
