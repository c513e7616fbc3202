using MLNet.Dpo.Files;
using MLNet.Dpo.Files.Safetensors;
using MLNet.Dpo.Models;
using MLNet.Dpo.Saving;
using MLNet.Dpo.Tests.Models.Architectures;
using Xunit;
using static TorchSharp.torch;

namespace MLNet.Dpo.Tests.Saving;

/// <summary>Checkpoints that name or group the same weights otherwise.</summary>
public sealed class CheckpointWeightsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("gpt2", "transformer.")]
    [InlineData("llama", "model.")]
    public void Load_DecoderWithoutItsPrefix_HasTheSameWeights(string family, string prefix)
    {
        using var model = Families.Load(family);
        Write(family, model.Parameters.Select(p => KeyValuePair.Create(p.Key.StartsWith(prefix, StringComparison.Ordinal) ? p.Key[prefix.Length..] : p.Key, p.Value)));
        AssertSame(model);
    }

    [Theory]
    [InlineData("mixtral", "block_sparse_moe", "w1", "w3", "w2", 5)]
    [InlineData("qwen3_moe", "mlp", "gate_proj", "up_proj", "down_proj", 4)]
    public void Load_ExpertsInOneTensor_HasTheSameWeights(string family, string block, string gate, string up, string down, int experts)
    {
        using var model = Families.Load(family);
        using var scope = NewDisposeScope();
        var tensors = model.Parameters.Where(p => !p.Key.Contains(".experts.", StringComparison.Ordinal))
            .Select(p => KeyValuePair.Create(p.Key.Replace(".block_sparse_moe.", ".mlp.", StringComparison.Ordinal), p.Value)).ToList();
        foreach (var layer in new[] { "model.layers.0", "model.layers.1" }.Where(layer => model.Parameters.ContainsKey($"{layer}.{block}.experts.0.{gate}.weight")))
        {
            Tensor Of(int expert, string part) => model.Parameters[$"{layer}.{block}.experts.{expert}.{part}.weight"];
            tensors.Add(new($"{layer}.mlp.experts.gate_up_proj", stack(Enumerable.Range(0, experts).Select(e => cat([Of(e, gate), Of(e, up)], 0)))));
            tensors.Add(new($"{layer}.mlp.experts.down_proj", stack(Enumerable.Range(0, experts).Select(e => Of(e, down)))));
        }
        Write(family, tensors);
        AssertSame(model);
    }

    [Fact]
    public void Load_FusedExpertsOfAnotherSize_SaysWhatIsMissing()
    {
        using var model = Families.Load("mixtral");
        var rest = model.Parameters.Where(p => !p.Key.Contains(".experts.", StringComparison.Ordinal)).ToList();
        using var other = zeros([5, 3, 3]);
        Write("mixtral", [.. rest, new("model.layers.0.mlp.experts.gate_up_proj", other)]);
        var error = Assert.Throws<InvalidDataException>(() => ModelFolder.Load(_folder.Path, CPU));
        Assert.Contains("tensor model.layers.0.block_sparse_moe.experts.0.w1.weight is missing", error.Message, StringComparison.Ordinal);
    }

    private void Write(string family, IEnumerable<KeyValuePair<string, Tensor>> tensors)
    {
        JsonFile.Write(_folder["config.json"], Families.Json(family));
        SafetensorsWriter.Write(_folder["model.safetensors"], tensors.Select(t => TensorSafetensors.Source(t.Key, t.Value)).ToList(), SafetensorsWriter.PyTorchMetadata);
    }

    private void AssertSame(CausalLM model)
    {
        using var again = ModelFolder.Load(_folder.Path, CPU);
        Assert.Equal(model.Parameters.Keys, again.Parameters.Keys);
        foreach (var (name, weight) in model.Parameters) Assert.Equal(weight.Values(), again.Parameters[name].Values());
    }
}
