using Microsoft.ML;
using Microsoft.ML.Data;
using Xunit;

namespace MLNet.Dpo.Tests.Inspection;

/// <summary>What a base model says about data: its own answers suit it, others are to be taught first.</summary>
public sealed class ModelCheckTests : IDisposable
{
    private static readonly string TinyChat = Path.Combine(Fixtures.Root, "samples", "models", "tiny-chat");
    private static readonly string[] Prompts = ["hi!", "thanks", "what is the capital of France?", "what is 3 plus 4?", "how are you?", "bye", "hello", "good morning"];

    private readonly MLContext _ml = new(seed: 1);
    private readonly TransformerChain<CausalLMTransformer> _model;

    public ModelCheckTests() => _model = _ml.Preferences.LoadPretrained(TinyChat, numThreads: 1);

    public void Dispose() => _model.LastTransformer.Dispose();

    [Fact]
    public void Inspect_TheModelsOwnAnswers_SuitIt()
    {
        var sampled = _ml.Preferences.Sample(_model, Prompts, new GenerationOptions { Temperature = 0.7, Seed = 5 }, samplesPerPrompt: 8);
        var inspection = Inspect(sampled.Select(s => new Pair(s.Prompt, s.Responses[0], s.Responses.First(r => r != s.Responses[0]))));
        Assert.Equal([DataFindingKind.FewPairs], inspection.Findings.Select(f => f.Kind));
        Assert.InRange(inspection.OnPolicyShare!.Value, 0.5, 1);
        Assert.InRange(inspection.OwnLogp!.Value - inspection.ChosenLogp!.Value, -1, 1);
        Assert.Contains("the base's own", inspection.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Inspect_AnswersThatItNeverGives_WantFineTuningFirst()
    {
        var inspection = Inspect(Prompts.Select((prompt, i) => new Pair(prompt, $"zebra {i} quantum of umbrellas never xylophone", "Hi!")));
        foreach (var kind in new[] { DataFindingKind.ImprobableChosen, DataFindingKind.FewOnPolicy })
            Assert.NotEmpty(Assert.Single(inspection.Findings, f => f.Kind == kind).Remedy);
        Assert.Contains("Sft", inspection.Findings.Single(f => f.Kind == DataFindingKind.ImprobableChosen).Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void Inspect_JsonAnswers_AreANewForm()
    {
        var inspection = Inspect(Prompts.Select(prompt => new Pair(prompt, "{\"out\": \"hi!\"}", "Hi!")));
        Assert.Contains("JSON", Assert.Single(inspection.Findings, f => f.Kind == DataFindingKind.NewFormat).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Inspect_ModelThatNeverEnds_DoesNotFollow()
    {
        var random = _ml.Preferences.LoadPretrained(Fixtures.Llama, Fixtures.TinyChatml, numThreads: 1);
        using var network = random.LastTransformer;
        var options = new InspectionOptions { Sampling = new GenerationOptions { MaxNewTokens = 12 } };
        Assert.Contains(_ml.Preferences.Inspect(View(Prompts.Select(p => new Pair(p, "Hi!", "Hello."))), random, options).Findings, f => f.Kind == DataFindingKind.NotFollowingInstructions);
    }

    [Fact]
    public void Describe_SaysWhatAModelTakesAndWhichRowsItCannotHold()
    {
        var rows = new[] { new Pair("hi!", "Hi!", "Hello."), new Pair("go on", string.Join(' ', Enumerable.Repeat("on", 600)), "no") };
        var described = _ml.Preferences.Describe([TinyChat], View(rows), device: "cpu");
        var model = Assert.Single(described.Models);
        Assert.Equal(("llama", 512, true, 1, true), (model.Architecture, model.ContextLength, model.HasChatTemplate, model.RowsTooLong!.Value, model.RuledOut));
        Assert.Equal(_model.LastTransformer.Model.Network.Parameters.Values.Sum(w => w.numel()), model.Parameters);
        Assert.True(model.TokensPerSecond > 0 && model.FullTrainingBytes > model.LoraTrainingBytes && model.LoraTrainingBytes > 4 * model.Parameters);
        Assert.Contains("tiny-chat", described.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Describe_NoFolder_IsAnError() => Assert.Throws<ArgumentException>(() => _ml.Preferences.Describe([]));

    private DataInspection Inspect(IEnumerable<Pair> rows) => _ml.Preferences.Inspect(View(rows), _model);

    private IDataView View(IEnumerable<Pair> rows) => _ml.Data.LoadFromEnumerable(rows);

    private sealed record Pair(string Prompt, string Chosen, string Rejected);
}
