using Microsoft.ML;
using Microsoft.ML.Data;
using Xunit;
using static MLNet.Dpo.Tests.Labeling.LabeledRows;

namespace MLNet.Dpo.Tests.Labeling;

/// <summary>Scorers as ML.NET components: columns, chains, saving, one pass over the source.</summary>
public sealed class ScoringTransformerTests : IDisposable
{
    private readonly MLContext _ml = new(seed: 1);
    private readonly TemporaryFolder _folder = new();

    private sealed class Pair
    {
        public string Messages { get; set; } = "";

        public string Chosen { get; set; } = "";

        public string Rejected { get; set; } = "";
    }

    private PreferencesCatalog.ScorerCatalog Scorers => _ml.Preferences.Scorers;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void WeightedSum_OfColumns_IsTheSumByHand()
    {
        var chain = Scorers.Length(LengthGoal.Shorter, outputColumnName: "Length").Append(Scorers.Regex("!", outputColumnName: "Lively"))
            .Append(Scorers.WeightedSum(new ScoreWeight("Length", 0.5), new ScoreWeight("Lively", 3)));
        Assert.Equal([(-3 * 0.5f) + 3, -4 * 0.5f], Scores(chain, Answers(_ml, "hi", "hi!", "well")));
        Assert.Contains("Column Length is missing; put the scorer that makes it before", Assert.Throws<ArgumentException>(() => Scores(Scorers.WeightedSum(new ScoreWeight("Length", 1)), Answers(_ml, "hi", "a"))).Message);
        Assert.Throws<ArgumentException>(() => Scorers.WeightedSum());
        Assert.Throws<ArgumentException>(() => Scorers.WeightedSum(new ScoreWeight("a", 1), new ScoreWeight("a", 2)));
        Assert.Throws<ArgumentException>(() => Scorers.WeightedSum(new ScoreWeight("a", double.NaN)));
    }

    [Fact]
    public void Transform_ConversationsWithChosenAndRejected_ScoresWhatIsSaid()
    {
        var data = _ml.Data.LoadFromEnumerable([new Pair
        {
            Messages = """[{"role": "system", "content": "Be brief."}, {"role": "user", "content": "你好"}]""",
            Chosen = """[{"role": "assistant", "content": "好"}]""",
            Rejected = """[{"role": "assistant", "content": "hello"}]""",
        }]);
        Assert.Equal([-1, -5], Scores(Scorers.Length(LengthGoal.Shorter), data));
        Assert.Equal([1, 0], Scores(Scorers.Script(), data));
    }

    [Fact]
    public void Transform_RowsWithoutResponses_SaysSo() => Assert.StartsWith(
        "Column Responses is missing: Json scores responses;",
        Assert.Throws<ArgumentException>(() => Scorers.Json().Fit(_ml.Data.LoadFromEnumerable([new { Prompt = "hi" }]))).Message);

    [Fact]
    public void Cursor_OverAChainOfScorers_ReadsTheSourceOnce()
    {
        var reads = 0;
        IEnumerable<Sample> Rows()
        {
            reads++;
            yield return new Sample { Prompt = "hi", Responses = ["a", "bb"] };
        }

        var data = _ml.Data.LoadFromEnumerable(Rows());
        var chain = Scorers.Length(LengthGoal.Longer, outputColumnName: "A").Append(Scorers.Model(Trained(), outputColumnName: "B")).Append(Scorers.WeightedSum(new ScoreWeight("A", 1), new ScoreWeight("B", 1)));
        var scored = chain.Fit(data).Transform(data);
        reads = 0;
        using var cursor = scored.GetRowCursor(scored.Schema);
        var getter = cursor.GetGetter<VBuffer<float>>(scored.Schema["Scores"]);
        VBuffer<float> scores = default;
        Assert.True(cursor.MoveNext());
        getter(ref scores);
        Assert.False(cursor.MoveNext());
        Assert.Equal((1, 2), (reads, scores.Length));
    }

    [Fact]
    public void SaveAndLoad_EveryScorer_ScoresTheSame()
    {
        var samples = Answers(_ml, "say one", "one", "{\"a\": 1}", "我不想说。");
        var tokenizer = HuggingFaceTokenizer.Load(Fixtures.TinyChatml);
        IEstimator<ITransformer>[] all =
        [
            Scorers.Length(LengthGoal.Shorter), Scorers.Length(4, LengthUnit.Words), Scorers.Length(LengthGoal.Longer, LengthUnit.Tokens, tokenizer), Scorers.Regex("ONE", shouldMatch: false, ignoreCase: true),
            Scorers.Keywords(["one", "不"]), Scorers.Json("""{"required": ["b"]}"""), Scorers.Json(), Scorers.Script(), Scorers.Script(WritingScript.Han), Scorers.Model(Trained()), Scorers.Model(Trained(), "Probability"),
            Scorers.Length(LengthGoal.Longer, outputColumnName: "L").Append(Scorers.WeightedSum(new ScoreWeight("L", -2))),
        ];
        foreach (var estimator in all)
        {
            var scorer = estimator.Fit(samples);
            _ml.Model.Save(scorer, samples.Schema, _folder["scorer.zip"]);
            var loaded = new MLContext().Model.Load(_folder["scorer.zip"], out _);
            Assert.Equal(Scores(scorer, samples)[0], Scores(loaded, samples)[0]);
        }
        var custom = Scorers.Custom("mine", (_, responses) => new float[responses.Count]).Fit(samples);
        Assert.StartsWith("mine is a function of this program and cannot be saved", Assert.Throws<NotSupportedException>((Action)(() => _ml.Model.Save(custom, samples.Schema, _folder["custom.zip"]))).GetBaseException().Message);
    }

    [Fact]
    public void Model_ColumnOrClassThatIsNotThere_IsNamed()
    {
        Assert.StartsWith("The model gives no column Mark; it gives", Assert.Throws<ArgumentException>(() => Scorers.Model(Trained(), "Mark")).Message);
        Assert.StartsWith("className is 'good', but column Score is one number", Assert.Throws<ArgumentException>(() => Scorers.Model(Trained(), className: "good")).Message);
        var other = _ml.Transforms.Text.FeaturizeText("Features", "Text").Fit(_ml.Data.LoadFromEnumerable([new { Text = "a b" }]));
        Assert.StartsWith("The model cannot score rows of Prompt (String), Response (String)", Assert.Throws<ArgumentException>(() => Scorers.Model(other, "Features")).Message);
    }

    [Fact]
    public void Model_OfSeveralClasses_TakesTheNamedOne()
    {
        var rows = new[] { ("sad words", "bad"), ("dull words", "bad"), ("glad words", "good"), ("fine words", "good"), ("more words", "neutral") };
        var data = _ml.Data.LoadFromEnumerable(rows.Select(row => new { Response = row.Item1, Label = true, Mood = row.Item2 }).ToList());
        var model = _ml.Transforms.Conversion.MapValueToKey("MoodKey", "Mood").Append(_ml.Transforms.Text.FeaturizeText("Features", "Response")).Fit(data);
        var trained = _ml.Transforms.Text.FeaturizeText("Features", "Response").Fit(data)
            .Append(_ml.MulticlassClassification.Trainers.SdcaMaximumEntropy("MoodKey").Fit(model.Transform(data)));
        Assert.StartsWith("className is null, but column Score has a score for each class; name one of bad, good, neutral.", Assert.Throws<ArgumentException>(() => Scorers.Model(trained)).Message);
        var scores = Scores(Scorers.Model(trained, className: "good"), Answers(_ml, "how?", "glad", "sad"));
        Assert.True(scores[0] > scores[1], $"{scores[0]} {scores[1]}");
    }

    [Fact]
    public void Learn_FromPeoplesLabels_ScoresHeldOutOnesAndIsSaved()
    {
        var labels = Labels(_ml, [.. Enumerable.Range(0, 40).Select(i => new Labelled { Prompt = $"question {i}", Responses = [$"Sure, {i}!", $"Well, that depends {i}."], Scores = [1, 0] })]);
        var scorer = Scorers.Learn().Fit(labels);
        var scores = Scores(scorer, Answers(_ml, "new", "Sure, 99!", "Well, that depends 99."))[0];
        Assert.True(scores[0] > scores[1]);
        _ml.Model.Save(scorer, labels.Schema, _folder["learned.zip"]);
        var loaded = _ml.Model.Load(_folder["learned.zip"], out _);
        Assert.Equal(scores, Scores(loaded, Answers(_ml, "new", "Sure, 99!", "Well, that depends 99."))[0]);
        // It knows after loading, too, which labels it saw.
        Assert.StartsWith("No label is left to compare with: of 40 rows, 40 are of prompts that the scorer was fitted to", Assert.Throws<PreferenceDataException>(() => _ml.Preferences.Agreement(labels, loaded)).Message);
    }

    [Fact]
    public void Learn_LabelsThatSayNothing_AreRefused() => Assert.StartsWith(
        "The labels have no row whose responses are scored, and scored differently",
        Assert.Throws<PreferenceDataException>(() => Scorers.Learn().Fit(Labels(_ml, new Labelled { Prompt = "a", Responses = ["x", "y"], Scores = [1, 1] }))).Message);

    [Fact]
    public void Examples_OfARow_AreItsBetterAndWorseResponses()
    {
        var examples = Scorers.Examples(Labels(_ml, new Labelled { Prompt = "a", Responses = ["w", "x", "y", "z"], Scores = [0, 2, 1, 4] }));
        Assert.Equal(["w", "y", "z"], examples.GetColumn<string>("Response"));
        Assert.Equal([false, false, true], examples.GetColumn<bool>("Label"));
        Assert.Equal([0f, 1f, 4f], examples.GetColumn<float>("Rating"));
    }

    private ITransformer Trained()
    {
        var data = _ml.Data.LoadFromEnumerable([.. Enumerable.Range(0, 20).Select(i => new { Response = i % 2 == 0 ? $"one {i}" : $"two {i}", Label = i % 2 == 0 })]);
        return _ml.Transforms.Text.FeaturizeText("Features", "Response").Append(_ml.BinaryClassification.Trainers.SdcaLogisticRegression()).Fit(data);
    }
}
