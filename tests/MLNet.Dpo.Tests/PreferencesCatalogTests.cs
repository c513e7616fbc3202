using System.Reflection;
using System.Text.Json.Nodes;
using Microsoft.ML;
using Xunit;

namespace MLNet.Dpo.Tests;

/// <summary>The catalog in ML.NET's manners: plain parameters, a plain method, any place in a chain, cancelling, the log.</summary>
public class PreferencesCatalogTests
{
    private static string TrainFile => Fixtures.PathTo("trajectories", "train.jsonl");

    private static DpoTrainer.Options Options => new() { BaseModel = Fixtures.Llama, Device = "cpu", BatchSize = 8 };

    [Fact]
    public void GetPreferences_PlainMethod_GivesTheSameCatalog()
    {
        var ml = new MLContext(seed: 1);
        PreferencesCatalog catalog = PreferencesExtensions.GetPreferences(ml); // as Visual Basic and F# see it
        Assert.Equal(ml.Preferences.Load(TrainFile).Schema.Select(c => c.Name), catalog.Load(TrainFile).Schema.Select(c => c.Name));
        Assert.Throws<ArgumentNullException>(() => PreferencesExtensions.GetPreferences(null!));
    }

    [Fact]
    public void Trainers_PlainParameters_TrainAsTheOptionsDo()
    {
        var ml = new MLContext(seed: 1);
        var rows = ml.Data.TakeRows(ml.Preferences.Load(TrainFile), 4);
        using var plain = ml.Preferences.Tokenize(Fixtures.TinyChatml).Append(ml.Preferences.Trainers.Dpo(Fixtures.Llama, beta: 0.3, learningRate: 1e-3, batchSize: 4, validationSet: rows)).Fit(rows);
        using var options = ml.Preferences.Tokenize(Fixtures.TinyChatml)
            .Append(ml.Preferences.Trainers.Dpo(new DpoTrainer.Options { BaseModel = Fixtures.Llama, Beta = 0.3, LearningRate = 1e-3, BatchSize = 4 })).Fit(rows);
        Assert.Equal(ml.Preferences.Evaluate(ml.Preferences.Score(options, rows)), ml.Preferences.Evaluate(ml.Preferences.Score(plain, rows)));
        Assert.Throws<ArgumentException>(() => ml.Preferences.Trainers.Sft("", epochs: 2));
    }

    [Fact]
    public void FindModel_NotTheLastLink_IsFound()
    {
        var ml = new MLContext(seed: 1);
        using var model = ml.Preferences.LoadPretrained(Fixtures.Llama, Fixtures.TinyChatml);
        var longer = model.Append<ITransformer>(ml.Transforms.CopyColumns("Said", ColumnNames.Completion).Fit(model.Transform(ml.Preferences.Load(TrainFile))));
        Assert.Same(model.LastTransformer, ml.Preferences.FindModel(longer));
        Assert.Throws<ArgumentException>(() => ml.Preferences.FindModel(ml.Transforms.CopyColumns("P", "Prompt").Fit(ml.Preferences.Load(TrainFile))));
    }

    [Fact]
    public void Sample_Conversations_AnswersTheLastTurn()
    {
        var ml = new MLContext(seed: 1);
        using var model = ml.Preferences.LoadPretrained(Fixtures.Llama, Fixtures.TinyChatml);
        var generation = new GenerationOptions { MaxNewTokens = 4 };
        var turn = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = "hi!" });
        var sampled = Assert.Single(ml.Preferences.Sample(model, [turn], generation, samplesPerPrompt: 2));
        Assert.Equal(("", """[{"role":"user","content":"hi!"}]"""), (sampled.Prompt, sampled.Messages));
        Assert.Equal(ml.Preferences.Sample(model, ["hi!"], generation, samplesPerPrompt: 2)[0].Responses, sampled.Responses);
        Assert.Equal(sampled.Responses[0], ml.Preferences.Generate(model, turn, generation));
        Assert.StartsWith("Conversation 0 is an empty array; expected", Assert.Throws<PreferenceDataException>(() => ml.Preferences.Generate(model, new JsonArray(), generation)).Message);
    }

    [Fact]
    public void CancelExecution_WhileTraining_StopsIt()
    {
        var ml = new MLContext(seed: 1);
        var steps = 0;
        var options = Options;
        options.Progress = new Received(progress =>
        {
            if (progress.Phase == TrainingPhase.Train && ++steps == 2) Cancel(ml);
        });
        Assert.ThrowsAny<OperationCanceledException>(() => ml.Preferences.Tokenize(Fixtures.TinyChatml).Append(ml.Preferences.Trainers.Dpo(options)).Fit(ml.Preferences.Load(TrainFile)));
        Assert.Equal(2, steps);
    }

    [Fact]
    public void CancelExecution_BeforeGenerating_StopsIt()
    {
        var ml = new MLContext(seed: 1);
        using var model = ml.Preferences.LoadPretrained(Fixtures.Llama, Fixtures.TinyChatml);
        Cancel(ml);
        Assert.ThrowsAny<OperationCanceledException>(() => ml.Preferences.Generate(model, "hi"));
    }

    [Fact]
    public void Log_OfATraining_HasShortLines()
    {
        var ml = new MLContext(seed: 1);
        var lines = new List<string>();
        ml.Log += (_, e) => { if (e.Source.Contains(nameof(DpoTrainer), StringComparison.Ordinal)) lines.Add(e.RawMessage); };
        var options = Options;
        options.MaxSteps = 1;
        using var model = ml.Preferences.Tokenize(Fixtures.TinyChatml).Append(ml.Preferences.Trainers.Dpo(options)).Fit(ml.Preferences.Load(TrainFile));
        var step = Assert.Single(lines, line => line.StartsWith("Train ", StringComparison.Ordinal));
        Assert.StartsWith("Train 1/1, epoch 0.25, loss 0.6931, rewards/accuracies 0, rewards/margins 0, grad_norm ", step, StringComparison.Ordinal);
        Assert.DoesNotContain('{', step);
    }

    // Public in the package Microsoft.ML.Experimental, which does no more than call this.
    private static void Cancel(MLContext ml) => typeof(MLContext).GetMethod("CancelExecution", BindingFlags.Instance | BindingFlags.NonPublic)!.Invoke(ml, null);

    private sealed class Received(Action<TrainingProgress> report) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => report(value);
    }
}
