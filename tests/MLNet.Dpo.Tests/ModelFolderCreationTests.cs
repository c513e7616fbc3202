using System.Text.Json.Nodes;
using Microsoft.ML;
using MLNet.Dpo.Models.Architectures;
using MLNet.Dpo.Tests.Models.Architectures;
using Xunit;

namespace MLNet.Dpo.Tests;

public sealed class ModelFolderCreationTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _ml = new(seed: 1);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void CreateModelFolder_WithTokenizer_CanBeTrainedAndGenerates()
    {
        var config = Config();
        config["hidden_size"] = 24; // a number of C#, not of a file
        _ml.Preferences.CreateModelFolder(_folder["fresh"], config, Fixtures.TinyChatml, seed: 4);
        using var model = _ml.Preferences.LoadPretrained(_folder["fresh"]);
        Assert.NotNull(_ml.Preferences.Generate(model, "hi", new GenerationOptions { MaxNewTokens = 3 }));
        var options = new SftTrainer.Options { BaseModel = _folder["fresh"], Lora = null, MaxSteps = 1, MaxLength = 60, Device = "cpu" };
        var data = _ml.Data.TakeRows(_ml.Preferences.Load(Fixtures.PathTo("trajectories", "train.jsonl")), 2);
        using var tuned = _ml.Preferences.Tokenize(_folder["fresh"]).Append(_ml.Preferences.Trainers.Sft(options)).Fit(data);
        Assert.NotNull(tuned.LastTransformer);
    }

    [Fact]
    public void CreateModelFolder_Seed_DecidesTheWeights()
    {
        foreach (var (name, seed) in new[] { ("a", 1), ("again", 1), ("b", 2) }) _ml.Preferences.CreateModelFolder(_folder[name], Config(), seed: seed);
        byte[] Weights(string name) => File.ReadAllBytes(Path.Combine(_folder[name], "model.safetensors"));
        Assert.Equal(Weights("a"), Weights("again"));
        Assert.NotEqual(Weights("a"), Weights("b"));
        Assert.Equal([2], Architecture.Read(_folder["a"]).EosTokenIds);
    }

    [Fact]
    public void CreateModelFolder_SmallerVocabularyThanTheTokenizers_SaysWhichToGive()
    {
        var config = Config();
        config["vocab_size"] = 100;
        var error = Assert.Throws<InvalidDataException>(() => _ml.Preferences.CreateModelFolder(_folder["fresh"], config, Fixtures.TinyChatml));
        Assert.Contains("vocab_size is 100; the tokenizer of", error.Message, StringComparison.Ordinal);
        Assert.Contains("give vocab_size 1024 or more", error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder["fresh"]));
    }

    [Fact]
    public void CreateModelFolder_UnknownFamily_SaysWhichThereAre()
    {
        var config = Config();
        config["model_type"] = "bert";
        var error = Assert.Throws<NotSupportedException>(() => _ml.Preferences.CreateModelFolder(_folder["fresh"], config));
        Assert.StartsWith("config: model_type is 'bert'; supported: llama,", error.Message, StringComparison.Ordinal);
    }

    private static JsonObject Config()
    {
        var config = Families.Json("qwen3");
        config["vocab_size"] = 1024;
        return config;
    }
}
