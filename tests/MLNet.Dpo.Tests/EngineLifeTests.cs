using Microsoft.ML;
using Microsoft.ML.Data;
using Xunit;

namespace MLNet.Dpo.Tests;

/// <summary>Prediction engines come and go, in pools too; the model that they share is its maker's.</summary>
public sealed class EngineLifeTests : IDisposable
{
    private readonly MLContext _ml = new(seed: 1);
    private readonly TransformerChain<CausalLMTransformer> _model;

    public EngineLifeTests()
    {
        _model = _ml.Preferences.LoadPretrained(Fixtures.Llama, Fixtures.TinyChatml, "cpu");
        _model.LastTransformer.Generation = new GenerationOptions { MaxNewTokens = 4 };
    }

    public void Dispose() => _model.LastTransformer.Dispose();

    [Theory]
    [InlineData(null)]
    [InlineData(true)]
    [InlineData(false)]
    public void Dispose_OfAnEngine_LeavesTheModelToTheOthers(bool? owns)
    {
        PredictionEngine<ChatPrompt, ChatReply> Create() => owns is { } value
            ? _ml.Model.CreatePredictionEngine<ChatPrompt, ChatReply>(_model, new PredictionEngineOptions { OwnsTransformer = value })
            : _ml.Model.CreatePredictionEngine<ChatPrompt, ChatReply>(_model);

        using var first = Create();
        var said = Say(first);
        using (var surplus = Create()) Assert.Equal(said, Say(surplus));
        Assert.Equal(said, Say(first));
        first.Dispose();
        using var later = Create();
        Assert.Equal(said, Say(later));
        Assert.Equal(said, _ml.Preferences.Generate(_model, "hi"));
    }

    [Fact]
    public void Dispose_OfThePoolsSurplus_LeavesTheModelAlive()
    {
        var pool = new Stack<PredictionEngine<ChatPrompt, ChatReply>>();
        var taken = Enumerable.Range(0, 4).Select(_ => _ml.Model.CreatePredictionEngine<ChatPrompt, ChatReply>(_model)).ToList();
        foreach (var engine in taken)
        {
            // As a pool of at most two gives back what it cannot keep.
            if (pool.Count < 2) pool.Push(engine);
            else engine.Dispose();
        }
        Assert.All(pool, engine => Assert.NotEmpty(Say(engine)));
        foreach (var engine in pool) engine.Dispose();
        Assert.NotEmpty(Say(_ml.Model.CreatePredictionEngine<ChatPrompt, ChatReply>(_model)));
    }

    [Fact]
    public void Dispose_OfTheModelItself_FreesItWhateverEnginesThereAre()
    {
        using var engine = _ml.Model.CreatePredictionEngine<ChatPrompt, ChatReply>(_model);
        _ml.Preferences.FindModel(_model).Dispose();
        Assert.Throws<ObjectDisposedException>(() => Say(engine));
        Assert.True(_model.LastTransformer.Model.Network.Parameters.Values.All(parameter => parameter.IsInvalid));
    }

    [Fact]
    public void Dispose_OfTheChainWithoutEngines_FreesTheModel()
    {
        var parameters = _model.LastTransformer.Model.Network.Parameters.Values.ToList();
        _model.Dispose();
        Assert.All(parameters, parameter => Assert.True(parameter.IsInvalid));
    }

    private static string Say(PredictionEngine<ChatPrompt, ChatReply> engine) => engine.Predict(new ChatPrompt { Prompt = "hi" }).Completion;

    private sealed class ChatPrompt
    {
        public string Prompt { get; set; } = "";
    }

    private sealed class ChatReply
    {
        public string Completion { get; set; } = "";
    }
}
