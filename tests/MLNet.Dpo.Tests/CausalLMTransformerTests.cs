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
        foreach (var use in uses) Assert.Contains("The model has been disposed", Assert.Throws<ObjectDisposedException>(use).Message, StringComparison.Ordinal);
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
        Assert.Contains("Prompt 0 has ", error.Message, StringComparison.Ordinal);
        Assert.Contains($"context holds {context}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Sample_LongPromptSkipped_AnswersTheOthersAsEverAndSaysSo()
    {
        var ml = new MLContext(1);
        var warnings = new List<string>();
        ml.Log += (_, e) =>
        {
            if (e.Kind == Microsoft.ML.Runtime.ChannelMessageKind.Warning) warnings.Add(e.Message);
        };
        using var model = ml.Preferences.LoadPretrained(Fixtures.Llama, Fixtures.TinyChatml, "cpu");
        var tooLong = string.Concat(Enumerable.Repeat("word ", model.LastTransformer.MaxLength));
        var options = new GenerationOptions { MaxNewTokens = 6, Temperature = 1, Seed = 3, OnLongPrompt = LongPromptHandling.Skip };
        var expected = ml.Preferences.Sample(model, ["hi", "hello", "bye"], options, samplesPerPrompt: 2);
        var samples = ml.Preferences.Sample(model, ["hi", tooLong, "bye"], options, samplesPerPrompt: 2);
        Assert.Equal(["", ""], samples[1].Responses);
        Assert.Equal([FinishReason.LongPrompt, FinishReason.LongPrompt], samples[1].FinishReasons);
        Assert.Equal(expected[0].Responses, samples[0].Responses);
        Assert.Equal(expected[2].Responses, samples[2].Responses);
        Assert.Contains("1 of the prompts", Assert.Single(warnings), StringComparison.Ordinal);

        model.LastTransformer.Generation = new GenerationOptions { MaxNewTokens = 6, OnLongPrompt = LongPromptHandling.Skip };
        var view = model.Transform(ml.Data.LoadFromEnumerable(new[] { new ChatPrompt { Prompt = tooLong }, new ChatPrompt { Prompt = "hi" } }));
        var finished = ml.Data.CreateEnumerable<Finished>(view, reuseRowObject: false).ToList();
        Assert.Equal(("", "long_prompt"), (finished[0].Completion, finished[0].FinishReason));
        Assert.Contains(finished[1].FinishReason, new[] { "length", "stop" });
    }

    [Fact]
    public void Sample_MoreSamplesThanTheBatch_AreTheSameSamples()
    {
        var ml = new MLContext(1);
        using var model = ml.Preferences.LoadPretrained(Fixtures.Llama, Fixtures.TinyChatml, "cpu");
        IReadOnlyList<string>[] Sample(int batch) =>
            [.. ml.Preferences.Sample(model, ["hi", "bye"], new GenerationOptions { MaxNewTokens = 4, Temperature = 1, Seed = 3, BatchSize = batch }, samplesPerPrompt: 5).Select(s => s.Responses)];
        Assert.Equal(Sample(32), Sample(2));
        Assert.Contains("samplesPerPrompt is 2147483647", Assert.Throws<ArgumentException>(() => ml.Preferences.Sample(model, ["hi"], samplesPerPrompt: int.MaxValue)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Score_RowOfManyResponses_ScoresEachAsAlone()
    {
        var ml = new MLContext(1);
        using var model = ml.Preferences.LoadPretrained(Fixtures.Llama, Fixtures.TinyChatml, "cpu");
        string[] responses = [.. Enumerable.Range(0, 600).Select(i => $"answer {i % 7}")];
        float[] Logps(string[] some) => ml.Data.CreateEnumerable<Scored>(
            ml.Preferences.Score(model, ml.Data.LoadFromEnumerable(new[] { new Many { Prompt = "hi", Responses = some, Scores = new float[some.Length] } })), reuseRowObject: false).Single().Logps;
        var (all, alone) = (Logps(responses), responses.Take(7).Select(response => Logps([response])[0]).ToList());
        Assert.Equal(600, all.Length);
        Assert.All(all.Index(), logp => Assert.Equal(alone[logp.Index % 7], logp.Item, 1e-3));
    }

    [Fact]
    public void Score_RowsLongerThanMaxLength_AreCountedInAWarning()
    {
        var ml = new MLContext(1);
        var warnings = new List<string>();
        ml.Log += (_, e) =>
        {
            if (e.Kind == Microsoft.ML.Runtime.ChannelMessageKind.Warning) warnings.Add(e.Message);
        };
        using var model = ml.Preferences.LoadPretrained(Fixtures.Llama, Fixtures.TinyChatml, "cpu");
        Pair[] pairs = [new() { Prompt = "hi", Chosen = "hello", Rejected = "bye" }, new() { Prompt = "hi", Chosen = string.Concat(Enumerable.Repeat("word ", model.LastTransformer.MaxLength)), Rejected = "bye" }];
        var scored = ml.Data.CreateEnumerable<Scored>(ml.Preferences.Score(model, ml.Data.LoadFromEnumerable(pairs)), reuseRowObject: false).ToList();
        Assert.True(float.IsFinite(scored[1].Logps[0]));
        Assert.Contains("1 of the rows", Assert.Single(warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void Cancelled_GeneratingOrScoring_Stops()
    {
        var ml = new MLContext(1);
        using var model = ml.Preferences.LoadPretrained(Fixtures.Llama, Fixtures.TinyChatml, "cpu");
        IDataView pairs = ml.Data.LoadFromEnumerable(new[] { new Pair { Prompt = "hi", Chosen = "hello", Rejected = "good morning" } });
        using var cancelled = new CancellationTokenSource();
        var scored = ml.Preferences.Score(model, pairs, cancelled.Token);
        Assert.Single(ml.Data.CreateEnumerable<Scored>(scored, reuseRowObject: false));
        cancelled.Cancel();
        Action[] runs =
        [
            () => ml.Data.CreateEnumerable<Scored>(scored, reuseRowObject: false).ToList(),
            () => ml.Preferences.Generate(model, "hi", cancellation: cancelled.Token),
            () => ml.Preferences.Sample(model, ["hi"], new GenerationOptions { CancellationToken = cancelled.Token }),
        ];
        foreach (var run in runs) Assert.ThrowsAny<OperationCanceledException>(run);
    }

    private sealed class Finished
    {
        public string Completion { get; set; } = "";

        public string FinishReason { get; set; } = "";
    }

    private sealed class Scored
    {
        public float[] Logps { get; set; } = [];
    }

    private sealed class Many
    {
        public string Prompt { get; set; } = "";

        public string[] Responses { get; set; } = [];

        public float[] Scores { get; set; } = [];
    }
}
