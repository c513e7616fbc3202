using Microsoft.ML;
using MLNet.Dpo.Models;
using Xunit;

namespace MLNet.Dpo.Tests;

/// <summary>What the log says of a precision that costs something.</summary>
public sealed class PrecisionLogTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _ml = new(seed: 1);
    private readonly List<string> _log = [];

    public PrecisionLogTests() => _ml.Log += (_, e) => _log.Add(e.Message);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void LoadPretrained_BFloat16WithoutHardware_SaysThatItIsSlow()
    {
        Load(Fixtures.Llama, Precision.BFloat16).Dispose();
        Assert.Equal(!PrecisionChoice.InHardware(TorchSharp.torch.CPU), Said("does not do in hardware"));
        _log.Clear();
        Load(Fixtures.Llama, Precision.Auto).Dispose();
        Assert.False(Said("hardware"));
    }

    [Theory]
    [InlineData("llama", Precision.BFloat16, true)]
    [InlineData("llama", Precision.Float32, false)]
    [InlineData("sharded-bf16-llama", Precision.BFloat16, false)]
    public void SaveModelFolder_WeightsRoundedOnLoading_SaysSo(string name, Precision precision, bool expected)
    {
        using var model = Load(Fixtures.PathTo("models", name), precision);
        model.LastTransformer.SaveModelFolder(_folder["saved"]);
        Assert.Equal(expected, Said("were rounded to bfloat16"));
    }

    private Microsoft.ML.Data.TransformerChain<CausalLMTransformer> Load(string folder, Precision precision) =>
        _ml.Preferences.LoadPretrained(folder, Fixtures.TinyChatml, "cpu", precision: precision);

    private bool Said(string text) => _log.Any(line => line.Contains(text, StringComparison.Ordinal));
}
