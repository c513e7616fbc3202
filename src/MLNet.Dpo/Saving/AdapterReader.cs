using MLNet.Dpo.Adapters;
using MLNet.Dpo.Files.Safetensors;
using MLNet.Dpo.Models;
using static TorchSharp.torch;

namespace MLNet.Dpo.Saving;

/// <summary>Reads an adapter's tensors. What the file holds and what its configuration says must be the same: a tensor that nothing asks for, or that is missing, would change the result without a word.</summary>
internal sealed class AdapterReader
{
    private readonly CausalLM _model;
    private readonly SafetensorsCheckpoint _weights;
    private readonly HashSet<string> _unused;
    private readonly AdapterSet _set;

    private AdapterReader(CausalLM model, AdapterConfig config, SafetensorsCheckpoint weights) =>
        (_model, _weights, _set, _unused) = (model, weights, new AdapterSet(config), weights.Tensors.Keys.ToHashSet(StringComparer.Ordinal));

    private AdapterConfig Config => _set.Config;

    /// <summary>The adapter for a model.</summary>
    /// <exception cref="InvalidDataException">The file does not fit the model or its own configuration.</exception>
    internal static AdapterSet Read(CausalLM model, AdapterConfig config, SafetensorsCheckpoint weights)
    {
        var reader = new AdapterReader(model, config, weights);
        try
        {
            reader.CheckNames();
            reader.ReadUpdates();
            reader.ReadReplacements();
            reader.CheckUnused();
            return reader._set;
        }
        catch
        {
            reader._set.Dispose();
            throw;
        }
    }

    // Names that tools other than PEFT's save_pretrained leave behind, each with its own way out.
    private void CheckNames()
    {
        if (_weights.Tensors.Count == 0) throw Error("holds no tensors; save the adapter again");
        foreach (var name in _weights.Tensors.Keys.Order(StringComparer.Ordinal))
        {
            if (name.Contains(".default.", StringComparison.Ordinal))
                throw Error($"tensor {name} is named as in a PEFT model's memory; save the adapter with save_pretrained, which leaves .default out, or rename its tensors so");
            if (!name.StartsWith(AdapterTensors.Prefix, StringComparison.Ordinal))
                throw Error($"tensor {name} lacks the prefix {AdapterTensors.Prefix}, which PEFT's save_pretrained writes; rename the tensors, or save the adapter again with PEFT");
            if (name.Contains(".lora_embedding_", StringComparison.Ordinal))
                throw new NotSupportedException($"{_weights.Path}: tensor {name} is a LoRA of an embedding; supported: linear layers and the head, and embeddings in modules_to_save.");
        }
    }

    private void ReadUpdates()
    {
        var said = Config.Targets.Include is not null;
        if (said && !_model.Adaptable.Any(p => Config.Adapts(p, _model)))
            throw new InvalidDataException($"{ConfigPath}: {Config.Targets} matches no module of this {_model.Config.ModelType} model, which has {string.Join(", ", Ends)}; the adapter was made for another base.");
        foreach (var projection in _model.Adaptable)
        {
            var module = AdapterTensors.NameOf(projection);
            var names = _unused.Where(name => name.StartsWith(module, StringComparison.Ordinal) && name.AsSpan(module.Length).StartsWith("lora_")).ToList();
            var asked = said && Config.Adapts(projection, _model);
            if (names.Count == 0 && asked) throw new InvalidDataException($"{_weights.Path}: there are no tensors for {projection.Name}, which {Config.Targets} of {AdapterFolder.ConfigName} asks for; use the file that belongs to it, or save the adapter again.");
            if (names.Count == 0) continue;
            if (said && !asked) throw new InvalidDataException($"{_weights.Path}: tensor {names.Order(StringComparer.Ordinal).First()} is of a module that {Config.Targets} of {AdapterFolder.ConfigName} does not ask for; use the file that belongs to it, or save the adapter again.");
            _unused.ExceptWith(names);
            using var scope = NewDisposeScope(); // an adapter takes what it keeps out of it
            var tensors = names.ToDictionary(name => name[module.Length..], name => TensorSafetensors.Read(_weights, name, ScalarType.Float32, _model.Device));
            _set.Updates[projection] = Config.Create(projection, tensors, _weights.Path);
        }
    }

    private void ReadReplacements()
    {
        CheckSavedModules();
        foreach (var weight in Config.Replaced(_model))
        {
            if (Find(weight) is not { } name)
            {
                // PEFT leaves out biases below an adapter where bias is lora_only; the base's count then.
                if (!Config.IsSaved(weight.Name) && (Config.Bias == LoraBias.LoraOnly || Config.IsTied(weight, _model))) continue;
                if (Config.IsTied(weight, _model)) continue;
                throw new InvalidDataException($"{_weights.Path}: {weight.Name} is missing, which {(Config.IsSaved(weight.Name) ? "modules_to_save" : "bias")} of {AdapterFolder.ConfigName} asks for; use the file that belongs to it, or save the adapter again.");
            }
            _unused.Remove(name);
            var tensor = TensorSafetensors.Read(_weights, name, ScalarType.Float32, _model.Device);
            if (!tensor.shape.SequenceEqual(weight.Stored.shape))
            {
                using (tensor) throw Error($"tensor {name} has shape [{string.Join(", ", tensor.shape)}]; this base needs [{string.Join(", ", weight.Stored.shape)}], so use the base that belongs to it");
            }
            Put(weight, tensor, name);
        }
        Tie();
    }

    private void Put(Weight weight, Tensor tensor, string name)
    {
        if (Partner(weight) is { } partner && _set.Replacements.TryGetValue(partner, out var there) && Differ(there, tensor))
        {
            tensor.Dispose();
            throw Error($"tensor {name} differs from that of {partner.Name}, but ensure_weight_tying says that they are one; save the adapter again");
        }
        _set.Replace(weight, tensor, _model);
    }

    private static bool Differ(Tensor one, Tensor other)
    {
        using var scope = NewDisposeScope();
        return one.ne(other).any().item<bool>();
    }

    // A file may hold one name of a tensor that has two.
    private void Tie()
    {
        if (_model.Head.Tied is not { TiedTo: { } embedding } head || !Config.IsTied(head, _model)) return;
        var found = _set.Replacements.GetValueOrDefault(head) ?? _set.Replacements.GetValueOrDefault(embedding)
            ?? throw Error($"{embedding.Name} is missing, which modules_to_save of {AdapterFolder.ConfigName} asks for; use the file that belongs to it, or save the adapter again");
        (_set.Replacements[head], _set.Replacements[embedding]) = (found, found);
    }

    private void CheckSavedModules()
    {
        foreach (var name in Config.ModulesToSave)
        {
            if (!_model.Weights.Any(weight => AdapterConfig.Names(name, weight.Name)))
                throw new InvalidDataException($"{ConfigPath}: modules_to_save names {name}, which is no module of this {_model.Config.ModelType} model; the adapter was made for another base.");
        }
        SavedModules.CheckExperts(Config, _model, ConfigPath);
    }

    private string? Find(Weight weight)
    {
        var plain = AdapterTensors.Prefix + weight.Name;
        var below = plain[..plain.LastIndexOf('.')] + ".base_layer" + plain[plain.LastIndexOf('.')..];
        return _unused.Contains(plain) ? plain : _unused.Contains(below) ? below : null;
    }

    private void CheckUnused()
    {
        if (_unused.Order(StringComparer.Ordinal).FirstOrDefault() is not { } name) return;
        var known = _model.Weights.Any(weight => name == AdapterTensors.Prefix + weight.Name || name.Replace(".base_layer.", ".", StringComparison.Ordinal) == AdapterTensors.Prefix + weight.Name);
        throw Error(known
            ? $"tensor {name} stands for a weight of the base, but neither modules_to_save nor bias of {AdapterFolder.ConfigName} asks for it; use the file that belongs to it, or save the adapter again"
            : $"tensor {name} fits no projection of this {_model.Config.ModelType} model; the adapter was made for another base");
    }

    private Weight? Partner(Weight weight) => !Config.IsTied(weight, _model) ? null : weight == _model.Head.Tied ? weight.TiedTo : _model.Head.Tied;

    private IEnumerable<string> Ends => _model.Adaptable.Select(p => p.Name[(p.Name.LastIndexOf('.') + 1)..]).Distinct();

    private string ConfigPath => Path.Combine(Path.GetDirectoryName(_weights.Path) ?? "", AdapterFolder.ConfigName);

    private InvalidDataException Error(string what) => new($"{_weights.Path}{(what.StartsWith("holds", StringComparison.Ordinal) ? " " : ": ")}{what}.");
}
