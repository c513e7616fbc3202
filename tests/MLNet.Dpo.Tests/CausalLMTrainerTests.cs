using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.Dpo.Models.Architectures;
using Xunit;

namespace MLNet.Dpo.Tests;

/// <summary>What a trainer promises before and beside its training.</summary>
public class CausalLMTrainerTests
{
    private static DpoTrainer.Options Options => new() { BaseModel = Fixtures.Llama, Tokenizer = Fixtures.TinyChatml, Device = "cpu", MaxSteps = 1, BatchSize = 2 };

    [Fact]
    public void Fit_OptionsChangedAfterwards_KeepsThoseItWasMadeWith()
    {
        var ml = new MLContext(1);
        var steps = new List<TrainingProgress>();
        var options = Options;
        options.Progress = new Received(steps);
        var trainer = ml.Preferences.Trainers.Dpo(options);
        (options.Epochs, options.BaseModel, options.Beta) = (0, "elsewhere", -1);

        using var model = ml.Preferences.Tokenize(Fixtures.TinyChatml).Append(trainer).Fit(ml.Preferences.Load(Fixtures.PathTo("trajectories", "train.jsonl")));

        Assert.Equal(1, Assert.Single(steps, s => s.Phase == TrainingPhase.Train).TotalSteps);
        Assert.Equal(new DpoTrainer.Options().Beta, model.LastTransformer.Beta);
    }

    [Fact]
    public void Fit_ValidationWithoutAUsableRow_IsAnError()
    {
        var ml = new MLContext(1);
        var train = ml.Preferences.Load(Fixtures.PathTo("trajectories", "train.jsonl"));
        var tokenize = ml.Preferences.Tokenize(Fixtures.TinyChatml).Fit(train);
        var prompts = ml.Data.LoadFromEnumerable([new Group { Prompt = "hi", Responses = ["hello", "hello there"], Scores = [1, 1] }]);
        var error = Assert.Throws<PreferenceDataException>(() => ml.Preferences.Trainers.Dpo(Options).Fit(tokenize.Transform(train), tokenize.Transform(prompts)));
        Assert.Contains("validate on", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_EvalStepsWithoutValidation_IsAnError()
    {
        var ml = new MLContext(1);
        var options = Options;
        options.EvalSteps = 5;
        var train = ml.Preferences.Load(Fixtures.PathTo("trajectories", "train.jsonl"));
        var error = Assert.Throws<ArgumentException>(() => ml.Preferences.Tokenize(Fixtures.TinyChatml).Append(ml.Preferences.Trainers.Dpo(options)).Fit(train));
        Assert.Contains("EvalSteps is 5", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_RowsBeyondTheModelsContext_Warns()
    {
        var ml = new MLContext(1);
        var warnings = new List<string>();
        ml.Log += (_, e) => { if (e.Kind == ChannelMessageKind.Warning) warnings.Add(e.RawMessage); };
        var options = Options;
        options.MaxLength = 100_000;
        var context = Architecture.Read(Fixtures.Llama).MaxPositionEmbeddings;
        var rows = ml.Data.LoadFromEnumerable([new Group { Prompt = "hi", Responses = [string.Concat(Enumerable.Repeat("word ", context)), "hello"], Scores = [1, 0] }]);
        using var model = ml.Preferences.Tokenize(Fixtures.TinyChatml).Append(ml.Preferences.Trainers.Dpo(options)).Fit(rows);
        Assert.Contains(warnings, w => w.Contains($"more than the {context} of the model's context", StringComparison.Ordinal));
    }

    [Fact]
    public void Fit_RowsBeyondLearnedPositions_SaysWhichMaxLengthToGive()
    {
        var ml = new MLContext(1);
        var options = Options;
        (options.BaseModel, options.MaxLength) = (Fixtures.PathTo("models", "gpt2"), 100_000);
        var rows = ml.Data.LoadFromEnumerable([new Group { Prompt = "hi", Responses = [string.Concat(Enumerable.Repeat("word ", 130)), "hello"], Scores = [1, 0] }]);
        var error = Assert.Throws<ArgumentException>(() => ml.Preferences.Tokenize(Fixtures.TinyChatml).Append(ml.Preferences.Trainers.Dpo(options)).Fit(rows));
        Assert.Contains("this model has learned positions for 128; MaxLength is 100000, lower it to 128.", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void GetOutputSchema_WithAndWithoutLora_IsThatOfTheModel(bool lora)
    {
        var ml = new MLContext(1);
        var options = Options;
        if (!lora) options.Lora = null;
        var data = ml.Preferences.Load(Fixtures.PathTo("trajectories", "train.jsonl"));
        var pipeline = ml.Preferences.Tokenize(Fixtures.TinyChatml).Append(ml.Preferences.Trainers.Dpo(options));
        var shape = new SchemaShape(data.Schema.Select(Column));
        using var model = pipeline.Fit(data);

        Assert.Equal(model.GetOutputSchema(data.Schema).Select(c => c.Name).Order(), pipeline.GetOutputSchema(shape).Select(c => c.Name).Order());
    }

    [Fact]
    public void Progress_ToString_IsOneLineWithTheMetrics()
    {
        var progress = new TrainingProgress(TrainingPhase.Train, 3, 12, 0.25, new Dictionary<string, double> { ["loss"] = 0.6931471 });
        Assert.Equal("Train 3/12, epoch 0.25, loss 0.6931", progress.ToString());
    }

    // ML.NET keeps the constructor to itself.
    private static SchemaShape.Column Column(DataViewSchema.Column column)
    {
        var (kind, item) = column.Type is VectorDataViewType vector
            ? (SchemaShape.Column.VectorKind.VariableVector, (DataViewType)vector.ItemType)
            : (SchemaShape.Column.VectorKind.Scalar, column.Type);
        var constructor = typeof(SchemaShape.Column).GetConstructors(BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public).Single(c => c.GetParameters().Length >= 4);
        return (SchemaShape.Column)constructor.Invoke([column.Name, kind, item, false, .. new object?[constructor.GetParameters().Length - 4]]);
    }

    private sealed class Group
    {
        public string Prompt { get; set; } = "";

        public string[] Responses { get; set; } = [];

        public float[] Scores { get; set; } = [];
    }

    private sealed class Received(List<TrainingProgress> steps) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => steps.Add(value);
    }
}
