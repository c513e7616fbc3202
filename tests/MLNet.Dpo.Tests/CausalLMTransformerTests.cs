using Microsoft.ML;
using Xunit;

namespace MLNet.Dpo.Tests;

/// <summary>A model's life: what it refuses, and that nothing uses it once it is disposed.</summary>
public class CausalLMTransformerTests
{
    private sealed class ChatPrompt
    {
        public string Prompt { get; set; } = "";
    }

    private sealed class ChatReply
    {
        public string Completion { get; set; } = "";
    }

    private sealed class Pair
    {
        public string Prompt { get; set; } = "";

        public string Chosen { get; set; } = "";

        public string Rejected { get; set; } = "";
    }

    private sealed class Judged
    {
        public float[] Rewards { get; set; } = [];
    }

    [Fact]
    public void Dispose_ThenAnyUse_SaysThatTheModelIsDisposed()
    {
        using var folder = new TemporaryFolder();
        var ml = new MLContext(1);
        var model = ml.Preferences.LoadPretrained(Fixtures.Llama, Fixtures.TinyChatml, "cpu");
        var engine = ml.Model.CreatePredictionEngine<ChatPrompt, ChatReply>(model);
        model.LastTransformer.Dispose();
        model.LastTransformer.Dispose();

        Action[] uses =
        [
            () => ml.Preferences.Generate(model, "hi"),
            () => engine.Predict(new ChatPrompt { Prompt = "hi" }),
            () => model.LastTransformer.SaveModelFolder(folder["merged"]),
            () => ml.Preferences.SaveZip(model, null, folder["model.zip"]),
        ];
        foreach (var use in uses) Assert.Contains("OwnsTransformer", Assert.Throws<ObjectDisposedException>(use).Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder["merged"]));
    }

    [Fact]
    public void LoadPretrained_AdapterOnItsBase_GeneratesScoresAndMergesLikeTheModelThatSavedIt()
    {
        using var folder = new TemporaryFolder();
        var ml = new MLContext(1);
        IDataView pairs = ml.Data.LoadFromEnumerable(new[] { new Pair { Prompt = "hi", Chosen = "hello", Rejected = "good morning" } });
        var options = new DpoTrainer.Options { BaseModel = Fixtures.Llama, Beta = 0.5, LearningRate = 1e-2, Epochs = 3, Device = "cpu", OutputDirectory = folder["run"] };
        using var trained = ml.Preferences.Tokenize(Fixtures.TinyChatml).Append(ml.Preferences.Trainers.Dpo(options)).Fit(pairs);
        trained.LastTransformer.SaveAdapter(folder["adapter"]);
        trained.LastTransformer.SaveModelFolder(folder["merged"]);
        var expected = Rewards(trained);
        Assert.True(expected[0] > expected[1]);

        foreach (var adapter in new[] { folder["adapter"], Path.Combine(folder["run"], "checkpoint-3") })
        {
            using var loaded = ml.Preferences.LoadPretrained(Fixtures.Llama, Fixtures.TinyChatml, "cpu", adapter: adapter, beta: 0.5);
            Assert.Equal(expected, Rewards(loaded));
            Assert.Equal(ml.Preferences.Generate(trained, "hi", new GenerationOptions { MaxNewTokens = 8 }), ml.Preferences.Generate(loaded, "hi", new GenerationOptions { MaxNewTokens = 8 }));
            loaded.LastTransformer.SaveModelFolder(folder["merged-again"]);
            Assert.Equal(File.ReadAllBytes(Path.Combine(folder["merged"], "model.safetensors")), File.ReadAllBytes(Path.Combine(folder["merged-again"], "model.safetensors")));
        }

        float[] Rewards(ITransformer model) => ml.Data.CreateEnumerable<Judged>(ml.Preferences.Score(model, pairs), reuseRowObject: false).Single().Rewards;
    }

    [Fact]
    public void Generate_StopString_CutsBeforeItAcrossTokens()
    {
        var ml = new MLContext(1);
        using var model = ml.Preferences.LoadPretrained(Fixtures.Llama, Fixtures.TinyChatml, "cpu");
        var whole = ml.Preferences.Generate(model, "hi", new GenerationOptions { MaxNewTokens = 30 });
        var stop = whole.Substring(whole.Length / 2, 4); // of a random model's text: begins and ends anywhere
        var cut = ml.Preferences.Generate(model, "hi", new GenerationOptions { MaxNewTokens = 30, StopStrings = ["\0never", stop] });
        Assert.Equal(whole[..whole.IndexOf(stop, StringComparison.Ordinal)], cut);
    }

    [Fact]
    public void Generate_PromptThatFillsTheContext_SaysBothLengths()
    {
        var ml = new MLContext(1);
        using var model = ml.Preferences.LoadPretrained(Fixtures.Llama, Fixtures.TinyChatml, "cpu");
        var context = model.LastTransformer.MaxLength;
        var error = Assert.Throws<PreferenceDataException>(() => ml.Preferences.Generate(model, string.Concat(Enumerable.Repeat("word ", context))));
        Assert.Contains($"context holds {context}", error.Message, StringComparison.Ordinal);
    }
}
