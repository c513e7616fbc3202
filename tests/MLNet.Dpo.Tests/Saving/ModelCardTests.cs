using System.Text.Json.Nodes;
using Microsoft.ML;
using Xunit;

namespace MLNet.Dpo.Tests.Saving;

public sealed class ModelCardTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _ml = new(1);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void SaveModelFolder_LoadedModel_CardNamesNoPath()
    {
        using var model = _ml.Preferences.LoadPretrained(Fixtures.Llama, tokenizer: Fixtures.TinyChatml).LastTransformer;
        model.SaveModelFolder(_folder["out"]);
        var card = Card();
        Assert.Contains("base_model: \"llama\"", card);
        Assert.Contains("205,120 parameters", card);
        Assert.Contains("is not known", card);
        Assert.DoesNotContain(Fixtures.Root, card);
        Assert.Equal("[2]", JsonNode.Parse(File.ReadAllText(Path.Combine(_folder["out"], "generation_config.json")))!["eos_token_id"]!.ToJsonString());
    }

    [Fact]
    public void SaveModelFolder_ModelTrainedOnAGguf_CardTellsOfTheRun()
    {
        using (var source = _ml.Preferences.LoadPretrained(Fixtures.Llama, tokenizer: Fixtures.TinyChatml).LastTransformer) source.SaveGguf(_folder["base.gguf"], GgufPrecision.Float32);
        var trainer = _ml.Preferences.Trainers.Dpo(new DpoTrainer.Options { BaseModel = _folder["base.gguf"], Lora = new LoraOptions { Rank = 2 }, Epochs = 1, BatchSize = 16, Device = "cpu" });
        var data = _ml.Preferences.Load(Fixtures.PathTo("trajectories", "train.jsonl"));
        using var model = _ml.Preferences.Tokenize(_folder["base.gguf"]).Append(trainer).Fit(data).LastTransformer;
        model.SaveModelFolder(_folder["out"]);
        var card = Card();
        Assert.Contains("base_model: \"base.gguf\"", card);
        Assert.Contains("LoRA of rank 2, merged", card);
        Assert.Contains("Trained for 2 optimizer steps", card);
        Assert.Contains("| rows | 32 |", card);
        Assert.Matches(@"\| loss \| 0\.\d+ \|", card);
        Assert.DoesNotContain(_folder.Path, card);
    }

    private string Card() => File.ReadAllText(Path.Combine(_folder["out"], "README.md"));
}
