using MLNet.Dpo.Adapters;
using MLNet.Dpo.Models;
using MLNet.Dpo.Packing;
using MLNet.Dpo.Saving;
using MLNet.Dpo.Training;
using Xunit;
using static TorchSharp.torch;

namespace MLNet.Dpo.Tests.Adapters;

public class AdapterTests
{
    [Fact]
    public void Forward_FreshAdapter_EqualsBase()
    {
        using var model = Fixtures.LoadLlama();
        var before = Hidden(model);
        Adapt(model, b: 0);
        Assert.Equal(before, Hidden(model));
    }

    [Fact]
    public void Use_ReferenceOfATrainedAdapter_EqualsBaseBitForBit()
    {
        using var model = Fixtures.LoadLlama();
        var before = Hidden(model);
        Adapt(model, b: 0.3f);
        Assert.NotEqual(before, Hidden(model));
        using (model.Use(AdapterState.Reference)) Assert.Equal(before, Hidden(model));
        Assert.NotEqual(before, Hidden(model));
    }

    [Fact]
    public void SaveAndLoad_Adapter_GivesTheSameBits()
    {
        using var folder = new TemporaryFolder();
        using var model = Fixtures.LoadLlama();
        var lora = Adapt(model, b: 0.2f);
        var expected = Hidden(model);
        AdapterFolder.Save(model, AdapterConfig.From(lora), folder["adapter"], Fixtures.Llama);

        using var loaded = Fixtures.LoadLlama();
        AdapterFolder.Load(loaded, folder["adapter"]);
        Assert.Equal(expected, Hidden(loaded));
    }

    [Fact]
    public void SaveModelFolder_Adapter_IsMergedIntoTheWeights()
    {
        using var folder = new TemporaryFolder();
        using var model = Fixtures.LoadLlama();
        Adapt(model, b: 0.2f);
        var expected = Hidden(model);
        ModelFolder.Save(model, folder["merged"]);

        using var merged = ModelFolder.Load(folder["merged"], CPU);
        Assert.All(expected.Zip(Hidden(merged)), pair => Assert.Equal(pair.First, pair.Second, 2e-4f));
        Assert.Equal(expected, Hidden(model)); // the model itself is as it was
    }

    [Fact]
    public void Load_AdapterOfAnotherBase_NamesTheTensor()
    {
        using var qwen = ModelFolder.Load(Fixtures.PathTo("models", "smollm"), CPU);
        var error = Assert.Throws<InvalidDataException>(() => AdapterFolder.Load(qwen, Fixtures.PathTo("adapters", "llama-b")));
        Assert.Contains("q_proj", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Validate_InitialAdapterWithRank_IsAnError()
    {
        var error = Assert.Throws<ArgumentException>(new LoraOptions { InitialAdapter = "a", Rank = 4 }.Validate);
        Assert.Contains("InitialAdapter", error.Message, StringComparison.Ordinal);
    }

    private static LoraOptions Adapt(CausalLM model, float b)
    {
        var lora = new LoraOptions { Rank = 4, Alpha = 8 };
        var random = new Random(1);
        foreach (var projection in model.Projections)
        {
            var adapter = LoraAdapter.Initialize(projection, lora.Rank, lora.AlphaUsed / lora.Rank, random);
            if (b != 0) adapter.B.fill_(b);
            projection.Adapter = adapter;
        }
        return lora;
    }

    private static float[] Hidden(CausalLM model)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        using var batch = new PackedBatch([new PreferenceExample(0, [1, 50, 60, 70, 80], [], [])], model);
        return model.Forward(batch.Tokens, batch.Positions, batch.Pattern).data<float>().ToArray();
    }
}
