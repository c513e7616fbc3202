using Microsoft.ML;
using Microsoft.ML.Data;
using Xunit;

namespace MLNet.Dpo.Tests.Experiments;

/// <summary>A run's checkpoints as models: the last one is what the run gave back, whatever was trained against whatever reference.</summary>
public sealed class CheckpointModelTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _ml = new(seed: 1);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("lora")]
    [InlineData("full")]
    [InlineData("own reference")]
    [InlineData("initial adapter")]
    public void LoadCheckpoint_OfTheLastStep_IsTheModelThatFitGave(string kind)
    {
        using var model = Train(kind);
        var expected = Rewards(model);
        Assert.Contains(expected, reward => Math.Abs(reward) > 1e-3);
        using var loaded = _ml.Preferences.LoadCheckpoint(_folder["run/checkpoint-4"], device: "cpu", numThreads: 1);
        Assert.Equal(expected, Rewards(loaded));
        Assert.Equal((model.LastTransformer.Beta, model.LastTransformer.MaxLength, model.LastTransformer.TruncationMode), (loaded.LastTransformer.Beta, loaded.LastTransformer.MaxLength, loaded.LastTransformer.TruncationMode));
        Assert.Equal(_ml.Preferences.Generate(model, "Hi!", Short), _ml.Preferences.Generate(loaded, "Hi!", Short));
        using var earlier = _ml.Preferences.LoadCheckpoint(_folder["run/checkpoint-2"], device: "cpu");
        Assert.NotEqual(expected, Rewards(earlier));
    }

    [Theory]
    [InlineData("lora")]
    [InlineData("full")]
    public void LoadCheckpoint_IsPublished_AsTheModelItIs(string kind)
    {
        Train(kind).Dispose();
        using var loaded = _ml.Preferences.LoadCheckpoint(_folder["run/checkpoint-2"], device: "cpu", numThreads: 1);
        var (rewards, said) = (Rewards(loaded), _ml.Preferences.Generate(loaded, "Hi!", Short));
        _ml.Preferences.SaveZip(loaded, null, _folder["model.zip"]);
        Assert.Equal(rewards, Rewards(_ml.Preferences.LoadZip(_folder["model.zip"], out _)));
        loaded.LastTransformer.SaveModelFolder(_folder["merged"]);
        Assert.Equal(said, _ml.Preferences.Generate(_ml.Preferences.LoadPretrained(_folder["merged"], device: "cpu"), "Hi!", Short));
        if (kind != "lora") return;
        loaded.LastTransformer.SaveAdapter(_folder["adapter"]);
        Assert.Equal(said, _ml.Preferences.Generate(_ml.Preferences.LoadPretrained(Fixtures.Llama, Fixtures.TinyChatml, "cpu", adapter: _folder["adapter"]), "Hi!", Short));
    }

    [Theory]
    [InlineData("lora")]
    [InlineData("full")]
    public void LoadCheckpoint_OfARunInBFloat16_IsThatModelAndKeepsItsFloat32Weights(string kind)
    {
        using var model = Train(kind, Precision.BFloat16);
        var expected = Rewards(model);
        using var loaded = _ml.Preferences.LoadCheckpoint(_folder["run/checkpoint-4"], device: "cpu", numThreads: 1);
        Assert.Equal(expected, Rewards(loaded));
        _ml.Preferences.SaveZip(loaded, null, _folder["model.zip"]);
        var zipped = _ml.Preferences.LoadZip(_folder["model.zip"], out _);
        Assert.Equal(expected, Rewards(zipped));
        Assert.Contains("\"Precision\": \"BFloat16\"", File.ReadAllText(_folder["run/run.json"]), StringComparison.Ordinal);
        // The same weights in another type: the reference is still known for the run's, and rounding is all that differs.
        using var wide = _ml.Preferences.LoadCheckpoint(_folder["run/checkpoint-4"], device: "cpu", numThreads: 1, precision: Precision.Float32);
        Assert.All(expected.Zip(Rewards(wide)), pair => Assert.Equal(pair.First, pair.Second, 0.15));
        if (kind == "lora") return;
        loaded.LastTransformer.SaveModelFolder(_folder["again"]);
        _ml.Preferences.FindModel(zipped).SaveModelFolder(_folder["zipped"]);
        foreach (var name in new[] { "again", "zipped" }) Assert.Equal(File.ReadAllBytes(_folder["run/checkpoint-4/model.safetensors"]), File.ReadAllBytes(_folder[$"{name}/model.safetensors"]));
    }

    [Fact]
    public void LoadCheckpoint_WhatItStandsOnIsGoneOrAnother_IsAnError()
    {
        Train("lora").Dispose();
        Directory.Move(_folder["base"], _folder["moved"]);
        var gone = Assert.Throws<DirectoryNotFoundException>(() => _ml.Preferences.LoadCheckpoint(_folder["run/checkpoint-2"]));
        Assert.Contains("baseModel", gone.Message, StringComparison.Ordinal);
        _ml.Preferences.LoadCheckpoint(_folder["run/checkpoint-2"], baseModel: _folder["moved"]).Dispose();
        RandomLlama("other", seed: 3);
        var other = Assert.Throws<InvalidDataException>(() => _ml.Preferences.LoadCheckpoint(_folder["run/checkpoint-2"], baseModel: _folder["other"]));
        Assert.Contains("trained on other weights", other.Message, StringComparison.Ordinal);
        File.WriteAllText(_folder["run/checkpoint-2/adapter_config.json"], "{}");
        Assert.Contains("not what was written", Assert.Throws<InvalidDataException>(() => _ml.Preferences.LoadCheckpoint(_folder["run/checkpoint-2"])).Message, StringComparison.Ordinal);
        Assert.Contains("checkpoint-N", Assert.Throws<FileNotFoundException>(() => _ml.Preferences.LoadCheckpoint(_folder["run"])).Message, StringComparison.Ordinal);
    }

    private static GenerationOptions Short => new() { MaxNewTokens = 8 };

    private TransformerChain<CausalLMTransformer> Train(string kind, Precision precision = Precision.Auto)
    {
        RandomLlama("base", seed: null);
        if (kind == "own reference") RandomLlama("reference", seed: 5);
        if (kind == "initial adapter")
        {
            using var first = TinyRuns.Train(_ml, _folder["first"]);
            first.LastTransformer.SaveAdapter(_folder["initial"]);
        }
        return TinyRuns.Train(_ml, _folder["run"], options =>
        {
            options.BaseModel = _folder["base"];
            options.Seed = 7;
            options.Precision = precision;
            if (kind == "full") (options.Lora, options.LearningRate) = (null, 1e-3);
            if (kind == "own reference") options.ReferenceModel = _folder["reference"];
            if (kind == "initial adapter") options.Lora = new LoraOptions { InitialAdapter = _folder["initial"] };
        });
    }

    // The golden model, or one of its shape with random weights.
    private void RandomLlama(string name, int? seed)
    {
        Directory.CreateDirectory(_folder[name]);
        foreach (var file in Directory.GetFiles(Fixtures.Llama)) File.Copy(file, Path.Combine(_folder[name], Path.GetFileName(file)), overwrite: true);
        if (seed is not { } given) return;
        using var network = MLNet.Dpo.Saving.ModelFolder.Load(_folder[name], TorchSharp.torch.CPU);
        using var noGrad = TorchSharp.torch.no_grad();
        TorchSharp.torch.manual_seed(given);
        foreach (var weight in network.Parameters.Values.Where(weight => weight.dim() > 1)) weight.normal_(0, 0.05);
        MLNet.Dpo.Saving.ModelFolder.Save(network, _folder[name]);
    }

    private float[] Rewards(ITransformer model)
    {
        var scored = _ml.Preferences.Score(model, TinyRuns.Data(_ml, 3));
        return [.. scored.GetColumn<float[]>("Rewards").SelectMany(rewards => rewards)];
    }
}
