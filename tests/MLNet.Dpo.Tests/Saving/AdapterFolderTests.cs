using System.Text.Json.Nodes;
using MLNet.Dpo.Adapters;
using MLNet.Dpo.Files.Safetensors;
using MLNet.Dpo.Models;
using MLNet.Dpo.Saving;
using Xunit;
using static TorchSharp.torch;

namespace MLNet.Dpo.Tests.Saving;

/// <summary>Adapter folders as people have them, each with its own way out.</summary>
public sealed class AdapterFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly CausalLM _model = Fixtures.LoadLlama();

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Load_GoldenAdapter_Fits()
    {
        Write(rank: 4, name => name);
        AdapterFolder.Load(_model, _folder.Path);
    }

    [Fact]
    public void Load_EmptyFile_SaysSo() => Fails("holds no tensors", () => Write(rank: 4, _ => null));

    [Fact]
    public void Load_NamesFromMemory_SaysHowToSave() =>
        Fails("named as in a PEFT model's memory", () => Write(rank: 4, name => name.Replace("lora_A.weight", "lora_A.default.weight", StringComparison.Ordinal)));

    [Fact]
    public void Load_NamesWithoutPrefix_NamesThePrefix() =>
        Fails("lacks the prefix base_model.model.", () => Write(rank: 4, name => name["base_model.model.".Length..]));

    [Fact]
    public void Load_MatrixAWithoutB_SaysWhatLoraNeeds() =>
        Fails("LoRA needs lora_A.weight and lora_B.weight", () => Write(rank: 4, name => name.EndsWith("layers.0.self_attn.q_proj.lora_B.weight", StringComparison.Ordinal) ? null : name));

    [Fact]
    public void Load_OtherRankThanTheConfiguration_SaysBoth() => Fails("need [64, ", () => Write(rank: 64, name => name));

    [Theory]
    [InlineData("\"target_modules\"", "[\"qq_proj\"]", "target_modules [qq_proj] matches no module of this llama model, which has q_proj")]
    [InlineData("\"target_modules\"", "\".*decoder.*\"", "matches no module of this llama model")]
    [InlineData("\"target_modules\"", "\"(q_proj\"", "target_modules has the regular expression (q_proj, which cannot be read")]
    [InlineData("\"target_modules\"", "[\"q_proj\"]", "is of a module that target_modules [q_proj] of adapter_config.json does not ask for")]
    [InlineData("\"target_modules\"", "[\"q_proj\", \"k_proj\", \"v_proj\", \"o_proj\", \"gate_proj\", \"up_proj\", \"down_proj\", \"lm_head\"]", "there are no tensors for lm_head, which")]
    [InlineData("\"exclude_modules\"", "[\"q_proj\"]", "exclude_modules [q_proj] of adapter_config.json does not ask for")]
    [InlineData("\"layers_to_transform\"", "[0]", "layers_to_transform [0] of adapter_config.json does not ask for")]
    [InlineData("\"layers_to_transform\"", "7", "layers_to_transform [7] matches no module")]
    [InlineData("\"layers_pattern\"", "\"layers\"", "expected null where layers_to_transform is null")]
    [InlineData("\"modules_to_save\"", "[\"lm_haed\"]", "modules_to_save names lm_haed, which is no module of this llama model")]
    [InlineData("\"modules_to_save\"", "[\"lm_head\"]", "lm_head.weight is missing, which modules_to_save")]
    [InlineData("\"use_dora\"", "true", "use_dora is true, but the adapter of model.layers.0.self_attn.q_proj has lora_A.weight, lora_B.weight without lora_magnitude_vector")]
    public void Load_ConfigurationThatSaysOtherwise_IsNotOverlooked(string key, string value, string expected) => Fails(expected, () =>
    {
        Write(rank: 4, name => name);
        var config = JsonNode.Parse(File.ReadAllText(_folder["adapter_config.json"]))!.AsObject();
        config[key.Trim('"')] = JsonNode.Parse(value);
        File.WriteAllText(_folder["adapter_config.json"], config.ToJsonString());
    });

    [Fact]
    public void Load_WeightThatNothingAsksFor_SaysSo() =>
        Fails("stands for a weight of the base, but neither modules_to_save nor bias", () => Write(rank: 4, name => name.EndsWith("layers.0.self_attn.q_proj.lora_A.weight", StringComparison.Ordinal) ? "base_model.model.model.norm.weight" : name.Contains("0.self_attn.q_proj", StringComparison.Ordinal) ? null : name, targets: "[]"));

    [Theory]
    [InlineData("gemma3_text", "gemma3_text-e")]
    [InlineData("qwen2", "qwen2-e")]
    [InlineData("llama", "llama-f")]
    [InlineData("qwen2", "qwen2-d")]
    [InlineData("phi3", "phi3-b")]
    public void Save_AdapterOfPeft_HasItsKeysAndValues(string family, string adapter)
    {
        using var model = ModelFolder.Load(Fixtures.PathTo("models", family), CPU);
        var config = AdapterFolder.Load(model, Fixtures.PathTo("adapters", adapter));
        AdapterFolder.Save(model, config, _folder["saved"], null);
        using var ours = SafetensorsCheckpoint.Open(_folder["saved/adapter_model.safetensors"]);
        using var theirs = SafetensorsCheckpoint.Open(Fixtures.PathTo("adapters", adapter, "adapter_model.safetensors"));
        Assert.Equal(theirs.Tensors.Keys.Order(), ours.Tensors.Keys.Order());
        foreach (var name in ours.Tensors.Keys)
        {
            using var scope = NewDisposeScope();
            Assert.Equal(TensorSafetensors.Read(theirs, name, ScalarType.Float32, CPU).Values(), TensorSafetensors.Read(ours, name, ScalarType.Float32, CPU).Values());
        }
        foreach (var key in new[] { "r", "lora_alpha", "use_dora", "use_rslora", "bias", "rank_pattern", "alpha_pattern", "modules_to_save", "ensure_weight_tying", "target_modules" })
            Assert.Equal(Plain(Fixtures.PathTo("adapters", adapter), key), Plain(_folder["saved"], key));

        static string? Plain(string folder, string key) => JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "adapter_config.json")))![key] is { } value
            ? value is JsonArray list && key == "target_modules" ? string.Join(' ', list.Select(name => name!.ToString().Split('.')[^1]).Distinct().Order(StringComparer.Ordinal)) : value.ToJsonString()
            : null;
    }

    // PEFT loads an adapter that was saved without conversion by taking the beginning off the base again.
    [Theory]
    [InlineData("pissa", false)]
    [InlineData("olora", true)]
    public void Load_UnconvertedBeginning_IsTheUpdateSinceThen(string beginning, bool dora)
    {
        var initialization = beginning == "pissa" ? LoraInitialization.Pissa : LoraInitialization.Olora;
        var config = AdapterConfig.From(new LoraOptions { Rank = 3, Alpha = 5, Initialization = initialization, UseDora = dora, TargetModules = ["q_proj"] });
        AdapterSet.Fresh(_model, config, new Random(1)).Put(_model);
        foreach (var (_, tensor) in AdapterTensors.Trained(_model, AdapterState.Policy)) tensor.mul_(1.1);
        AdapterFolder.Save(_model, config, _folder.Path, null);
        var json = JsonNode.Parse(File.ReadAllText(_folder["adapter_config.json"]))!.AsObject();
        (json["init_lora_weights"], json["r"], json["lora_alpha"]) = (beginning, 3, 5);
        File.WriteAllText(_folder["adapter_config.json"], json.ToJsonString());
        SafetensorsWriter.Write(_folder["adapter_model.safetensors"], AdapterTensors.Trained(_model, AdapterState.Policy).Select(t => TensorSafetensors.Source(t.Key, t.Value)));

        using var loaded = Fixtures.LoadLlama();
        AdapterFolder.Load(loaded, _folder.Path);
        using var scope = NewDisposeScope();
        foreach (var (own, other) in _model.Projections.Zip(loaded.Projections).Where(pair => pair.First.Adapter is not null))
            Assert.Equal(own.Adapter!.Merge(own.Weight).Values(), other.Adapter!.Merge(other.Weight).Values());
    }

    [Fact]
    public void Save_SomeOfTheModulesOfAName_WritesWholeNames()
    {
        var config = AdapterConfig.From(new LoraOptions { Rank = 2, TargetModules = ["q_proj"], LayersToTransform = [1] });
        AdapterSet.Fresh(_model, config, new Random(1)).Put(_model);
        AdapterFolder.Save(_model, config, _folder["saved"], null);
        Assert.Contains("model.layers.1.self_attn.q_proj", File.ReadAllText(_folder["saved/adapter_config.json"]), StringComparison.Ordinal);
        using var again = Fixtures.LoadLlama();
        AdapterFolder.Load(again, _folder["saved"]);
        Assert.Equal("model.layers.1.self_attn.q_proj", Assert.Single(again.Projections, p => p.Adapter is not null).Name);
    }

    [Fact]
    public void Load_Pickle_SaysHowToSave()
    {
        Write(rank: 4, name => name);
        File.Move(_folder["adapter_model.safetensors"], _folder["adapter_model.bin"]);
        var error = Assert.Throws<NotSupportedException>(() => AdapterFolder.Load(_model, _folder.Path));
        Assert.Contains("safe_serialization=True", error.Message, StringComparison.Ordinal);
    }

    private void Fails(string expected, Action write)
    {
        write();
        var error = Assert.Throws<InvalidDataException>(() => AdapterFolder.Load(_model, _folder.Path));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Contains(_folder.Path, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    // The golden adapter of rank 4 under other names; null leaves a tensor out.
    private void Write(int rank, Func<string, string?> rename, string? targets = null)
    {
        using var scope = NewDisposeScope();
        using var golden = SafetensorsCheckpoint.Open(Fixtures.PathTo("adapters", "llama-b", "adapter_model.safetensors"));
        var tensors = golden.Tensors.Keys.Order(StringComparer.Ordinal)
            .Where(name => rename(name) is not null)
            .Select(name => TensorSafetensors.Source(rename(name)!, TensorSafetensors.Read(golden, name, ScalarType.Float32, CPU)))
            .ToList();
        SafetensorsWriter.Write(_folder["adapter_model.safetensors"], tensors);
        var config = File.ReadAllText(Fixtures.PathTo("adapters", "llama-b", "adapter_config.json"));
        File.WriteAllText(_folder["adapter_config.json"], config.Replace("\"r\": 4", $"\"r\": {rank}", StringComparison.Ordinal));
        if (targets is null) return;
        var json = JsonNode.Parse(File.ReadAllText(_folder["adapter_config.json"]))!.AsObject();
        json["target_modules"] = JsonNode.Parse(targets);
        File.WriteAllText(_folder["adapter_config.json"], json.ToJsonString());
    }
}
