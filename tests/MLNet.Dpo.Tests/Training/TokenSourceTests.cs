using Microsoft.ML;
using Xunit;

namespace MLNet.Dpo.Tests.Training;

/// <summary>Validation within the pipeline, and which tokenizer made a row's tokens.</summary>
public sealed class TokenSourceTests : IDisposable
{
    private readonly MLContext _ml = new(seed: 1);
    private readonly TemporaryFolder _folder = new();

    private DpoTrainer.Options Options(string output) => new()
    {
        BaseModel = Fixtures.Llama,
        Device = "cpu",
        MaxSteps = 2,
        BatchSize = 4,
        EvalSteps = 1,
        OutputDirectory = _folder[output],
    };

    private DataOperationsCatalog.TrainTestData Split => _ml.Data.TrainTestSplit(_ml.Preferences.Load(Fixtures.PathTo("trajectories", "train.jsonl")), testFraction: 0.25, samplingKeyColumnName: "Prompt");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Fit_ValidationSetInThePipeline_WritesTheMetricsOfTheTwoStepWay()
    {
        var split = Split;
        var options = Options("pipeline");
        options.ValidationSet = split.TestSet;
        using var model = _ml.Preferences.Tokenize(Fixtures.TinyChatml).Append(_ml.Preferences.Trainers.Dpo(options)).Fit(split.TrainSet);

        var tokenize = _ml.Preferences.Tokenize(Fixtures.TinyChatml).Fit(split.TrainSet);
        using var twoSteps = _ml.Preferences.Trainers.Dpo(Options("two-steps")).Fit(tokenize.Transform(split.TrainSet), tokenize.Transform(split.TestSet));

        var metrics = File.ReadAllText(Path.Combine(_folder["pipeline"], "metrics.jsonl"));
        Assert.Contains("eval_loss", metrics, StringComparison.Ordinal);
        Assert.Equal(File.ReadAllText(Path.Combine(_folder["two-steps"], "metrics.jsonl")), metrics);
    }

    [Fact]
    public void Fit_RowsThroughOtherViews_StillKnowTheirTokenizer()
    {
        var split = Split;
        var tokenize = _ml.Preferences.Tokenize(Fixtures.TinyChatml).Fit(split.TrainSet);
        var views = _ml.Data.ShuffleRows(_ml.Data.TakeRows(_ml.Data.Cache(tokenize.Transform(split.TrainSet)), 8), seed: 1);
        using var model = _ml.Preferences.Trainers.Dpo(Options("views")).Fit(views, split.TestSet);
        Assert.Same(tokenize.Tokenizer, model.Tokenizer);
    }

    [Fact]
    public void Fit_ValidationOfAnotherTokenizer_IsAnError()
    {
        var split = Split;
        var train = _ml.Preferences.Tokenize(Fixtures.TinyChatml).Fit(split.TrainSet).Transform(split.TrainSet);
        foreach (var other in new[]
        {
            _ml.Preferences.Tokenize(Fixtures.TinyChatml, new PreferenceTokenizingEstimator.Options { ChatTemplate = "{{ messages }}" }),
            _ml.Preferences.Tokenize(Fixtures.TinyChatml, new PreferenceTokenizingEstimator.Options { ApplyChatTemplate = false }),
            _ml.Preferences.Tokenize(Fixtures.PathTo("tokenizers", "zoo-wordlevel")),
        })
        {
            var error = Assert.Throws<ArgumentException>(() => _ml.Preferences.Trainers.Dpo(Options("other")).Fit(train, other.Fit(split.TestSet).Transform(split.TestSet)));
            Assert.StartsWith("The validation data was tokenised by another tokenizer or chat template", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Fit_ValidationTwice_IsAnError()
    {
        var split = Split;
        var options = Options("twice");
        options.ValidationSet = split.TestSet;
        var train = _ml.Preferences.Tokenize(Fixtures.TinyChatml).Fit(split.TrainSet).Transform(split.TrainSet);
        Assert.StartsWith("There is validation data in the options", Assert.Throws<ArgumentException>(() => _ml.Preferences.Trainers.Dpo(options).Fit(train, split.TestSet)).Message);
    }

    [Fact]
    public void Fit_TokensReadFromAFile_TakeTheTokenizerOfTheOptions()
    {
        var split = Split;
        var train = _ml.Preferences.Tokenize(Fixtures.TinyChatml).Fit(split.TrainSet).Transform(split.TrainSet);
        using (var stream = File.Create(_folder["tokens.idv"])) _ml.Data.SaveAsBinary(train, stream);
        var read = _ml.Data.LoadFromBinary(_folder["tokens.idv"]);

        var options = Options("read");
        (options.Tokenizer, options.ValidationSet) = (Fixtures.TinyChatml, split.TestSet);
        Assert.StartsWith("The validation data is not tokenised, and the training columns do not say", Assert.Throws<ArgumentException>(() => _ml.Preferences.Trainers.Dpo(options).Fit(read)).Message);

        options.ValidationSet = train;
        using var model = _ml.Preferences.Trainers.Dpo(options).Fit(read);
        Assert.Equal(HuggingFaceTokenizer.Load(Fixtures.TinyChatml).Encode("hello"), model.Tokenizer.EncodeToIds("hello"));
    }
}
