using Microsoft.ML;
using MLNet.Dpo.Adapters;
using MLNet.Dpo.Models;
using Xunit;

namespace MLNet.Dpo.Tests;

/// <summary>The way of a user: a file, a pipeline on MLContext, a model that saves, loads, generates, scores and is evaluated.</summary>
public class EndToEndTests
{
    private sealed class ChatPrompt
    {
        public string Prompt { get; set; } = "";
    }

    private sealed class ChatReply
    {
        public string Completion { get; set; } = "";
    }

    private sealed class MyPair
    {
        public string Prompt { get; set; } = "";

        public string Chosen { get; set; } = "";

        public string Rejected { get; set; } = "";
    }

    private sealed class Scored
    {
        public string Completion { get; set; } = "";

        public float[] Logps { get; set; } = [];

        public float[] Rewards { get; set; } = [];

        public float Margin { get; set; }
    }

    private static string TrainFile => Fixtures.PathTo("trajectories", "train.jsonl");

    private static DpoTrainer.Options Options => new()
    {
        BaseModel = Fixtures.Llama,
        Tokenizer = Fixtures.TinyChatml,
        LearningRate = 2e-3,
        Epochs = 2,
        BatchSize = 8,
        MaxLength = 256,
        Device = "cpu",
    };

    [Fact]
    public void Pipeline_FileToSavedModel_GeneratesScoresAndEvaluates()
    {
        using var folder = new TemporaryFolder();
        var ml = new MLContext(seed: 1);
        var pairs = ml.Preferences.Load(TrainFile);
        var pipeline = ml.Preferences.Tokenize(Fixtures.TinyChatml).Append(ml.Preferences.Trainers.Dpo(Options));
        using var model = pipeline.Fit(pairs);
        model.LastTransformer.Generation = new GenerationOptions { MaxNewTokens = 8 };

        var metrics = ml.Preferences.Evaluate(ml.Preferences.Score(model, pairs));
        Assert.True(metrics.Accuracy > 0.9, metrics.ToString());
        Assert.True(metrics.MeanMargin > 0, metrics.ToString());
        Assert.Equal(32, metrics.PairCount);

        var binary = ml.BinaryClassification.EvaluateNonCalibrated(ml.Preferences.ToPairs(ml.Preferences.Score(model, pairs)));
        Assert.Equal(metrics.Accuracy, binary.Accuracy, 1e-6);
        var ranking = ml.Ranking.Evaluate(ml.Preferences.ToRanking(ml.Preferences.Score(model, pairs)));
        Assert.Equal(metrics.Accuracy, ranking.NormalizedDiscountedCumulativeGains[0], 0.35);

        ml.Model.Save(model, pairs.Schema, folder["model.zip"]);
        var other = new MLContext(seed: 2);
        var loaded = other.Model.Load(folder["model.zip"], out var schema);
        Assert.Contains(schema, column => column.Name == ColumnNames.Prompt);
        var expected = Rows(ml, model.Transform(ml.Data.TakeRows(pairs, 5)));
        var actual = Rows(other, loaded.Transform(other.Data.TakeRows(other.Preferences.Load(TrainFile), 5)));
        Assert.Equal(expected.Select(Text), actual.Select(Text)); // the same bits

        using var engine = other.Model.CreatePredictionEngine<ChatPrompt, ChatReply>(loaded);
        var reply = engine.Predict(new ChatPrompt { Prompt = "hi!" }).Completion;
        Assert.Equal(ml.Preferences.Generate(model, "hi!"), reply);
        other.Preferences.FindModel(loaded).Dispose();
    }

    [Fact]
    public void Fit_RowsFromEnumerable_TrainsLikeTheSameRowsFromAFile()
    {
        var ml = new MLContext(seed: 1);
        MyPair[] rows = [.. Enumerable.Range(0, 4).Select(i => new MyPair { Prompt = $"say {i}", Chosen = $"{i}", Rejected = "I would rather not say it." })];
        using var folder = new TemporaryFolder();
        var file = folder.Write("rows.jsonl", string.Join('\n', rows.Select(r => $$"""{"prompt":"{{r.Prompt}}","chosen":"{{r.Chosen}}","rejected":"{{r.Rejected}}"}""")));

        var fromMemory = Train(ml, ml.Data.LoadFromEnumerable(rows), []);
        var fromFile = Train(ml, ml.Preferences.Load(file), []);
        Assert.Equal(fromFile, fromMemory);
    }

    [Fact]
    public void Fit_WithValidation_ReportsEvalMetrics()
    {
        var ml = new MLContext(seed: 1);
        var reported = new List<TrainingProgress>();
        var split = ml.Data.TrainTestSplit(ml.Preferences.Load(TrainFile), testFraction: 0.25);
        var tokenize = ml.Preferences.Tokenize(Fixtures.TinyChatml).Fit(split.TrainSet);
        var options = Options;
        options.Progress = new Reporter(reported.Add);
        using var model = ml.Preferences.Trainers.Dpo(options).Fit(tokenize.Transform(split.TrainSet), tokenize.Transform(split.TestSet));
        var last = reported.Last(p => p.Phase == TrainingPhase.Evaluate);
        Assert.Contains("eval_rewards/margins", last.Metrics.Keys);
        Assert.Contains(reported, p => p.Phase == TrainingPhase.Reference);
        Assert.True(reported.Last(p => p.Phase == TrainingPhase.Train).Metrics["loss"] < 0.6);
    }

    [Fact]
    public void Transform_OnlyPassedThroughColumns_DoesNotRunTheModel()
    {
        var ml = new MLContext(seed: 1);
        var model = ml.Preferences.LoadPretrained(Fixtures.Llama, Fixtures.TinyChatml);
        model.LastTransformer.Dispose(); // any use of the network would now fail
        var view = model.Transform(ml.Preferences.Load(TrainFile));
        using var cursor = view.GetRowCursor([view.Schema[ColumnNames.Prompt]]);
        var rows = 0;
        while (cursor.MoveNext()) rows++;
        Assert.Equal(32, rows);
    }

    [Fact]
    public void Sft_FullFineTuning_LowersTheLossAndSavesAFolderThatLoads()
    {
        using var folder = new TemporaryFolder();
        var ml = new MLContext(seed: 1);
        var losses = new List<double>();
        var options = new SftTrainer.Options
        {
            BaseModel = Fixtures.Llama,
            Tokenizer = Fixtures.TinyChatml,
            Lora = null,
            LearningRate = 3e-3,
            Epochs = 3,
            Device = "cpu",
            Progress = new Reporter(p => losses.Add(p.Metrics.GetValueOrDefault("loss"))),
        };
        using var model = ml.Preferences.Tokenize(Fixtures.TinyChatml).Append(ml.Preferences.Trainers.Sft(options)).Fit(ml.Preferences.Load(TrainFile));
        Assert.True(losses[^1] < losses[0] - 1, $"{losses[0]} to {losses[^1]}");

        model.LastTransformer.SaveModelFolder(folder["tuned"]);
        using var reloaded = ml.Preferences.LoadPretrained(folder["tuned"]);
        var generation = new GenerationOptions { MaxNewTokens = 6 };
        Assert.Equal(ml.Preferences.Generate(model, "hello", generation), ml.Preferences.Generate(reloaded, "hello", generation));
    }

    [Fact]
    public void SaveZip_WritingFails_KeepsTheOldFile()
    {
        using var folder = new TemporaryFolder();
        var ml = new MLContext(seed: 1);
        using var model = ml.Preferences.LoadPretrained(Fixtures.Llama, Fixtures.TinyChatml);
        var path = folder.Write("model.zip", "the old model");
        model.LastTransformer.Storage = BaseModelStorage.Reference; // refused for a model without an adapter
        Assert.Throws<NotSupportedException>(() => ml.Preferences.SaveZip(model, null, path));
        Assert.Equal("the old model", File.ReadAllText(path));
        Assert.Equal(["model.zip"], folder.Names());
    }

    [Fact]
    public void Save_BaseByReference_NeedsTheUnchangedBase()
    {
        using var folder = new TemporaryFolder();
        var baseFolder = folder["base"];
        Directory.CreateDirectory(baseFolder);
        foreach (var file in Directory.GetFiles(Fixtures.Llama).Concat(Directory.GetFiles(Fixtures.TinyChatml, "*.j*")))
            File.Copy(file, Path.Combine(baseFolder, Path.GetFileName(file)), overwrite: true);
        var ml = new MLContext(seed: 1);
        var options = Options;
        (options.BaseModel, options.Epochs) = (baseFolder, 1);
        using var model = ml.Preferences.Tokenize(baseFolder).Append(ml.Preferences.Trainers.Dpo(options)).Fit(ml.Preferences.Load(TrainFile));
        model.LastTransformer.Storage = BaseModelStorage.Reference;
        ml.Model.Save(model, null, folder["small.zip"]);
        Assert.True(new FileInfo(folder["small.zip"]).Length < 600_000);

        var loaded = ml.Model.Load(folder["small.zip"], out _);
        var generation = new GenerationOptions { MaxNewTokens = 6 };
        Assert.Equal(ml.Preferences.Generate(model, "hello", generation), ml.Preferences.Generate(loaded, "hello", generation));

        Directory.Move(baseFolder, folder["moved"]);
        Assert.Contains(baseFolder, Innermost(() => ml.Model.Load(folder["small.zip"], out _)), StringComparison.Ordinal);
    }

    [Fact]
    public void Pipeline_WholeRun_LeavesNoTensorBehind()
    {
        var ml = new MLContext(seed: 1);
        void Run()
        {
            using var model = ml.Preferences.Tokenize(Fixtures.TinyChatml).Append(ml.Preferences.Trainers.Dpo(Options)).Fit(ml.Data.TakeRows(ml.Preferences.Load(TrainFile), 6));
            ml.Preferences.Generate(model, "hi", new GenerationOptions { MaxNewTokens = 4 });
            ml.Preferences.Evaluate(ml.Preferences.Score(model, ml.Data.TakeRows(ml.Preferences.Load(TrainFile), 6)));
        }

        Run();
        var before = Tensors.Settled();
        Run();
        Assert.Equal(before, Tensors.Settled());
    }

    private static string Innermost(Action action)
    {
        var error = Assert.ThrowsAny<Exception>(action);
        while (error.InnerException is { } inner) error = inner;
        return error.Message;
    }

    private static float[] Train(MLContext ml, IDataView data, List<TrainingProgress> reported)
    {
        var options = Options;
        options.Progress = new Reporter(reported.Add);
        using var model = ml.Preferences.Tokenize(Fixtures.TinyChatml).Append(ml.Preferences.Trainers.Dpo(options)).Fit(data);
        return [.. AdapterTensors.Trained(model.LastTransformer.Model.Network, AdapterState.Policy).SelectMany(t => t.Value.data<float>().ToArray())];
    }

    private static List<Scored> Rows(MLContext ml, IDataView view) => [.. ml.Data.CreateEnumerable<Scored>(view, reuseRowObject: false)];

    private static string Text(Scored row) => $"{row.Completion}|{string.Join(',', row.Logps)}|{string.Join(',', row.Rewards)}|{row.Margin}";

    private sealed class Reporter(Action<TrainingProgress> report) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => report(value);
    }
}
