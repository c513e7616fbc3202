using Microsoft.ML;
using MLNet.Dpo.Models;
using MLNet.Dpo.Models.Architectures;
using MLNet.Dpo.Saving;
using Xunit;

namespace MLNet.Dpo.Tests;

/// <summary>What users get wrong gives one line that says what was given, what was expected and how to fix it.</summary>
public class FailureTests
{
    private const string Pair = """{"prompt":"hi","chosen":"hello","rejected":"go away"}""";

    [Fact]
    public void Fit_MissingFile_NamesIt() => Fails("missing.jsonl", data: "missing.jsonl");

    [Fact]
    public void Fit_EmptyFile_SaysSo() => Fails("rows.jsonl", content: "");

    [Fact]
    public void Fit_MalformedJson_SaysLineAndColumn() => Fails("line 2", content: Pair + "\n{\"prompt\": \"x\", oops}\n");

    [Fact]
    public void Fit_RowWithoutRejected_SaysWhichKey() => Fails("rejected", content: """{"prompt":"hi","chosen":"hello"}""" + "\n" + Pair);

    [Fact]
    public void Fit_MissingModelFolder_NamesIt() => Fails("no-such-model", change: o => o.BaseModel = "no-such-model");

    [Fact]
    public void Tokenize_FolderWithoutTokenizer_SaysWhatIsMissing() =>
        Assert.Contains("has no tokenizer.json (nor tokenizer.model);", Assert.Throws<FileNotFoundException>(() => new MLContext().Preferences.Tokenize(Fixtures.Llama)).Message, StringComparison.Ordinal);

    [Fact]
    public void Fit_AnotherTokenizerThanTheRowsHave_SaysSo() =>
        Fails("the training rows were tokenised by another", change: o => o.Tokenizer = Fixtures.PathTo("tokenizers", "zoo-wordlevel"));

    [Fact]
    public void Fit_UnknownModelType_NamesItAndTheSupportedOnes() =>
        Fails("llama, mistral, qwen2, qwen3", model: folder => Edit(folder, "config.json", text => text.Replace("\"llama\"", "\"mamba9\"", StringComparison.Ordinal)));

    [Fact]
    public void Fit_TruncatedWeights_NamesTheFile() =>
        Fails("model.safetensors", model: folder => Cut(Path.Combine(folder, "model.safetensors"), 100_000));

    [Fact]
    public void Fit_WeightsWithLyingHeader_NamesTheFile() => Fails("model.safetensors", model: folder =>
    {
        var bytes = File.ReadAllBytes(Path.Combine(folder, "model.safetensors"));
        bytes[6] = 0x7f; // a header of petabytes
        File.WriteAllBytes(Path.Combine(folder, "model.safetensors"), bytes);
    });

    [Fact]
    public void Fit_SmallerVocabularyThanTheTokenizers_SaysBoth() => Fails("vocabulary of 40", model: folder => SmallModel.Write(folder, vocabSize: 40));

    [Fact]
    public void Fit_NoRowFits_SaysWhy() => Fails("MaxLength", change: o => o.MaxLength = 2);

    [Fact]
    public void Fit_OutputDirectoryBelowAFile_NamesIt() =>
        Fails("give a folder that can be written", change: o => o.OutputDirectory = Path.Combine(Fixtures.Llama, "config.json", "run"));

    [Fact]
    public void Fit_MissingInitialAdapter_SaysWhatAnAdapterFolderHolds() =>
        Fails("adapter_model.safetensors", change: o => o.Lora = new LoraOptions { InitialAdapter = "no-such-adapter" });

    [Theory]
    [InlineData(new[] { 1f }, "Row 0 has 2 responses and 1 scores")]
    [InlineData(new[] { 1f, 0f, 2f }, "Row 0 has 2 responses and 3 scores")]
    [InlineData(new[] { 1f, float.NaN }, "Row 0 has a score that is not a number")]
    public void Fit_ScoresThatDoNotFitTheResponses_NamesTheRow(float[] scores, string expected)
    {
        var ml = new MLContext(1);
        var rows = ml.Data.LoadFromEnumerable([new ScoredResponses { Prompt = "hi", Responses = ["hello", "go away"], Scores = scores }]);
        var trainer = ml.Preferences.Trainers.Dpo(new DpoTrainer.Options { BaseModel = Fixtures.Llama, Tokenizer = Fixtures.TinyChatml, Device = "cpu" });
        var error = Assert.Throws<PreferenceDataException>(() => ml.Preferences.Tokenize(Fixtures.TinyChatml).Append(trainer).Fit(rows));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Evaluate_ScoresThatDoNotFitTheResponses_NamesTheRow()
    {
        var ml = new MLContext(1);
        var scored = ml.Data.LoadFromEnumerable([new ScoredResponses { Scores = [1, 0, 2], Rewards = [1, 0] }]);
        var error = Assert.Throws<PreferenceDataException>(() => ml.Preferences.Evaluate(scored));
        Assert.Contains("Row 0 has 2 responses and 3 scores", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_WithoutTokenize_SaysHowToFixIt()
    {
        var ml = new MLContext(1);
        var error = Assert.Throws<ArgumentException>(() => ml.Preferences.Trainers.Dpo(new DpoTrainer.Options { BaseModel = Fixtures.Llama })
            .Fit(ml.Preferences.Load(Fixtures.PathTo("trajectories", "train.jsonl"))));
        Assert.Contains("ml.Preferences.Tokenize", error.Message, StringComparison.Ordinal);
    }

    private sealed class ScoredResponses
    {
        public string Prompt { get; set; } = "";

        public string[] Responses { get; set; } = [];

        public float[] Scores { get; set; } = [];

        public float[] Rewards { get; set; } = [];
    }

    private static void Fails(string expected, string content = Pair, string? data = null, Action<DpoTrainer.Options>? change = null, Action<string>? model = null)
    {
        using var folder = new TemporaryFolder();
        data ??= folder.Write("rows.jsonl", content);
        var options = new DpoTrainer.Options { BaseModel = Fixtures.Llama, Tokenizer = Fixtures.TinyChatml, Device = "cpu" };
        if (model is not null)
        {
            options.BaseModel = folder["model"];
            Directory.CreateDirectory(options.BaseModel);
            foreach (var file in Directory.GetFiles(Fixtures.Llama)) File.Copy(file, Path.Combine(options.BaseModel, Path.GetFileName(file)));
            model(options.BaseModel);
        }
        change?.Invoke(options);
        var ml = new MLContext(1);
        var error = Assert.ThrowsAny<Exception>(() =>
            ml.Preferences.Tokenize(Fixtures.TinyChatml).Append(ml.Preferences.Trainers.Dpo(options)).Fit(ml.Preferences.Load(data)));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    private static void Edit(string folder, string name, Func<string, string> change) =>
        File.WriteAllText(Path.Combine(folder, name), change(File.ReadAllText(Path.Combine(folder, name))));

    private static void Cut(string path, int length)
    {
        using var stream = File.Open(path, FileMode.Open);
        stream.SetLength(length);
    }

    /// <summary>A random Llama of a few thousand parameters.</summary>
    private static class SmallModel
    {
        public static void Write(string folder, int vocabSize)
        {
            Edit(folder, "config.json", text => text.Replace("\"vocab_size\": 1024", $"\"vocab_size\": {vocabSize}", StringComparison.Ordinal));
            var config = Architecture.Read(folder);
            using var model = new CausalLM(config, new RandomWeights(0.02, seed: 1), TorchSharp.torch.CPU);
            ModelFolder.Save(model, folder);
        }
    }
}
