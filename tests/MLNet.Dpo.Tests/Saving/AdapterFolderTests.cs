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
    private void Write(int rank, Func<string, string?> rename)
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
    }
}
