using System.Text.Json.Nodes;
using MLNet.Dpo.Conformance;
using MLNet.Dpo.Files.Safetensors;
using MLNet.Dpo.Generation;
using MLNet.Dpo.Models;
using MLNet.Dpo.Models.Architectures;
using MLNet.Dpo.Saving;
using MLNet.Dpo.Tests.Generation;
using Xunit;
using static TorchSharp.torch;

namespace MLNet.Dpo.Tests.Models.Architectures;

/// <summary>
/// A Qwen2 whose biases are 0 and whose layers all have a window computes what a Mistral does, so that the golden Mistral with a window of 16
/// holds Qwen2's windows: packed rows by its logits, the cache by its greedy continuations.
/// </summary>
public sealed class Qwen2WindowTests
{
    private const string Mistral = "fixtures/models/mistral";

    [SharedDataFact(Mistral)]
    public void Forward_WindowInEveryLayer_GivesTheGoldenLogits()
    {
        using var model = Load(firstWindowLayer: 0);
        using var golden = Golden();
        Assert.InRange(ModelRunner.LogitError(model, golden, "logits"), 0, 1e-4);
    }

    [SharedDataFact(Mistral)]
    public void Forward_WindowInTheLastLayerOnly_GivesOthers()
    {
        using var model = Load(firstWindowLayer: 1);
        using var golden = Golden();
        Assert.True(ModelRunner.LogitError(model, golden, "logits") > 1e-2);
    }

    [SharedDataFact(Mistral)]
    public void Generate_WindowInEveryLayer_GivesTheGoldenIds()
    {
        using var model = Load(firstWindowLayer: 0);
        using var golden = Golden();
        var (prompts, expected) = (Rows(golden, "prompt_ids"), Rows(golden, "greedy_ids"));
        Assert.Equal(expected, new TokenGenerator(model, new GenerationOptions { MaxNewTokens = expected[0].Length }, []).Ids(prompts));
    }

    private static CausalLM Load(int firstWindowLayer)
    {
        var folder = SharedData.PathTo(Mistral);
        var json = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "config.json")))!.AsObject();
        (json["model_type"], json["use_sliding_window"], json["max_window_layers"]) = ("qwen2", true, firstWindowLayer);
        var config = Architecture.Read(new ConfigJson("config.json", JsonNode.Parse(json.ToJsonString())!.AsObject()));
        using var checkpoint = SafetensorsCheckpoint.Open(folder);
        return new CausalLM(config, new ZeroBiases(new CheckpointWeights(checkpoint)), CPU);
    }

    private static GoldenTensors Golden() => new(Path.Combine(SharedData.PathTo(Mistral), "expected.safetensors"));

    private static int[][] Rows(GoldenTensors golden, string name) =>
        [.. golden.Longs(name).Select(id => (int)id).Chunk((int)golden.Shape(name)[1])];

    private sealed class ZeroBiases(IWeightSource weights) : IWeightSource
    {
        public Tensor Get(string name, long[] shape, ScalarType dtype, Device device) =>
            name.EndsWith(".bias", StringComparison.Ordinal) ? zeros(shape, dtype, device) : weights.Get(name, shape, dtype, device);
    }
}
