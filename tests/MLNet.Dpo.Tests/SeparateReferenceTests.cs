using System.Text.Json.Nodes;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Dpo.Models;
using MLNet.Dpo.Models.Architectures;
using MLNet.Dpo.Saving;
using TorchSharp;
using Xunit;

namespace MLNet.Dpo.Tests;

/// <summary>Reference models that are not the tuned network without its adapter: the base of a fully tuned model, and a model of one's own.</summary>
public sealed class SeparateReferenceTests : IDisposable
{
    private const double Beta = 0.3;
    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _ml = new(seed: 1);
    private readonly List<string> _log = [];

    public SeparateReferenceTests()
    {
        CopyOfBase("base");
        Other("other", seed: 5);
        _ml.Log += (_, e) => _log.Add(e.Message);
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false, null)]
    [InlineData(true, "other")]
    [InlineData(false, "other")]
    public void Rewards_TrainedSavedAndLoaded_AreAgainstTheReference(bool lora, string? reference)
    {
        using var model = Fit(lora, reference);
        var expected = Expected(model, reference ?? "base");
        Assert.True(model.LastTransformer.HasReference);
        Assert.All(expected, value => Assert.True(Math.Abs(value) > 1e-4));
        AssertClose(expected, Rewards(model));

        foreach (var (storage, name) in lora ? new[] { (BaseModelStorage.Embedded, "e.zip"), (BaseModelStorage.Reference, "r.zip") } : [(BaseModelStorage.Embedded, "e.zip")])
        {
            model.LastTransformer.Storage = storage;
            _ml.Preferences.SaveZip(model, null, _folder[name]);
            var loaded = _ml.Model.Load(_folder[name], out _);
            AssertClose(expected, Rewards(loaded));
            _ml.Preferences.SaveZip(loaded, null, _folder["again.zip"]);
            AssertClose(expected, Rewards(_ml.Model.Load(_folder["again.zip"], out _)));
        }
    }

    [Fact]
    public void Rewards_ReferenceThatIsGoneOrChanged_AreSaidToBe()
    {
        using var model = Fit(lora: false, null);
        _ml.Preferences.SaveZip(model, null, _folder["e.zip"]);
        Directory.Move(_folder["base"], _folder["elsewhere"]);
        _log.Clear();
        var without = _ml.Preferences.FindModel(_ml.Model.Load(_folder["e.zip"], out _));
        Assert.False(without.HasReference);
        Assert.Contains(_log, line => line.Contains("reference model base is not there", StringComparison.Ordinal));
        without.Dispose();

        Other("base", seed: 9);
        var error = Assert.ThrowsAny<Exception>(() => Rewards(_ml.Model.Load(_folder["e.zip"], out _)));
        Assert.Contains("reference model at", error.GetBaseException().Message, StringComparison.Ordinal);
        Assert.Contains("reference model at", Assert.ThrowsAny<Exception>(() => Rewards(model)).GetBaseException().Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Fit_ReferenceThatIsTheBase_GivesTheBitsOfNone(bool lora)
    {
        using var without = Fit(lora, null);
        using var with = Fit(lora, "base");
        Assert.Equal(Logps(without), Logps(with));
        using var other = Fit(lora, "other");
        Assert.NotEqual(Logps(without), Logps(other));
    }

    [Fact]
    public void Fit_OtherReferenceInTheSameFolder_ComputesItAnewAndIsAnotherRun()
    {
        void Train(string? reference, Action<DpoTrainer.Options> change) => Fit(lora: true, reference, o =>
        {
            o.OutputDirectory = _folder["run"];
            change(o);
        }).Dispose();

        Train("other", _ => { });
        Train("other", o => o.OverwriteOutputDirectory = true);
        Assert.Contains(_log, line => line.Contains("tokens read from", StringComparison.Ordinal));
        var error = Assert.Throws<ArgumentException>(() => Train(null, o => o.ResumeFromCheckpoint = TrainingOptions.LatestCheckpoint));
        Assert.Contains("ReferenceModel (content ", error.Message, StringComparison.Ordinal);
        _log.Clear();
        Train(null, o => o.OverwriteOutputDirectory = true);
        Assert.Contains(_log, line => line.Contains("computed anew", StringComparison.Ordinal));
    }

    [Fact]
    public void Fit_ReferenceOfOtherTokens_IsAnError()
    {
        Other("small", seed: 3, vocabulary: 500);
        Assert.Contains("has a vocabulary of 500 and no tokenizer.json", Assert.Throws<ArgumentException>(() => Fit(true, "small")).Message, StringComparison.Ordinal);
        File.WriteAllText(_folder["other/tokenizer.json"], File.ReadAllText(Path.Combine(Fixtures.TinyChatml, "tokenizer.json")) + " ");
        Assert.Contains("is not the one that the rows were tokenised with", Assert.Throws<ArgumentException>(() => Fit(true, "other")).Message, StringComparison.Ordinal);
        Assert.Contains("which is not there", Assert.Throws<DirectoryNotFoundException>(() => Fit(true, "none")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Validate_LossWithoutReference_RefusesOne()
    {
        var options = new DpoTrainer.Options { BaseModel = "base", ReferenceModel = "other" };
        options.Validate();
        options.LossType = DpoLossType.Simpo;
        Assert.Contains("simpo has no reference", Assert.Throws<ArgumentException>(options.Validate).Message, StringComparison.Ordinal);
        options.ReferenceModel = " ";
        Assert.Contains("ReferenceModel is empty", Assert.Throws<ArgumentException>(options.Validate).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Dispose_TrainedAndScored_LeavesNoTensorBehind()
    {
        void Run()
        {
            using var model = Fit(lora: false, "other");
            Rewards(model);
        }

        Run();
        var before = Tensors.Settled();
        Run();
        Assert.Equal(before, Tensors.Settled());
    }

    private IDataView Rows() => _ml.Data.TakeRows(_ml.Preferences.Load(Fixtures.PathTo("trajectories", "train.jsonl")), 4);

    private TransformerChain<CausalLMTransformer> Fit(bool lora, string? reference, Action<DpoTrainer.Options>? change = null)
    {
        var options = new DpoTrainer.Options
        {
            BaseModel = _folder["base"],
            ReferenceModel = reference is null ? null : _folder[reference],
            Tokenizer = Fixtures.TinyChatml,
            Lora = lora ? new LoraOptions { Rank = 4, Alpha = 8 } : null,
            Beta = Beta,
            LearningRate = 2e-3,
            BatchSize = 2,
            MaxLength = 128,
            Device = "cpu",
        };
        change?.Invoke(options);
        return _ml.Preferences.Tokenize(Fixtures.TinyChatml).Append(_ml.Preferences.Trainers.Dpo(options)).Fit(Rows());
    }

    private float[] Rewards(ITransformer model) => Numbers(model, ColumnNames.Rewards);

    private float[] Logps(ITransformer model) => Numbers(model, ColumnNames.Logps);

    // Beta times the tuned model's log-probabilities less those of the folder as it is.
    private float[] Expected(ITransformer model, string reference)
    {
        var bare = _ml.Preferences.LoadPretrained(_folder[reference], tokenizer: Fixtures.TinyChatml);
        using var network = bare.LastTransformer;
        var short128 = new CausalLMTransformer(_ml, network.Model, network.ChatTokenizer, 1, 128);
        var tokens = _ml.Preferences.Tokenize(Fixtures.TinyChatml).Fit(Rows()).Transform(Rows());
        return [.. Logps(model).Zip(Read(short128.Transform(tokens), ColumnNames.Logps), (p, r) => (float)(Beta * (p - r)))];
    }

    private float[] Numbers(ITransformer model, string column) => Read(_ml.Preferences.Score(model, Rows()), column);

    private float[] Read(IDataView scored, string column) =>
        [.. scored.GetColumn<float[]>(column).SelectMany(values => values)];

    private static void AssertClose(float[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), pair => Assert.True(Math.Abs(pair.First - pair.Second) < 1e-4, $"{pair.First} and {pair.Second}"));
    }

    private void CopyOfBase(string name)
    {
        Directory.CreateDirectory(_folder[name]);
        foreach (var file in new[] { "config.json", "generation_config.json", "model.safetensors" }) File.Copy(Path.Combine(Fixtures.Llama, file), Path.Combine(_folder[name], file));
    }

    private void Other(string name, int seed, int? vocabulary = null)
    {
        var config = JsonNode.Parse(File.ReadAllText(Path.Combine(Fixtures.Llama, "config.json")))!.AsObject();
        if (vocabulary is { } size) config["vocab_size"] = JsonNode.Parse(size.ToString(System.Globalization.CultureInfo.InvariantCulture));
        using var model = new CausalLM(Architecture.Read(new ConfigJson("config.json", config)), new RandomWeights(0.05, seed), torch.CPU);
        ModelFolder.Save(model, _folder[name]);
    }
}
