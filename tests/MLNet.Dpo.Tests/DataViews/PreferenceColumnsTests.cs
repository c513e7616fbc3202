using Microsoft.ML;
using Xunit;

namespace MLNet.Dpo.Tests.DataViews;

/// <summary>Prompts as text or messages, responses as texts or messages: stated by the column, row by row, and kept by all that ML.NET does to data.</summary>
public sealed class PreferenceColumnsTests : IDisposable
{
    private const string Conversation = """[{"role": "system", "content": "s"}, {"role": "user", "content": "u"}]""";

    private static readonly HuggingFaceTokenizer Tiny = HuggingFaceTokenizer.Load(Fixtures.TinyChatml);

    private readonly MLContext _ml = new(seed: 1);
    private readonly TemporaryFolder _folder = new();

    private sealed class Row
    {
        public string Prompt { get; set; } = "";

        public string Messages { get; set; } = "";

        public string[] Responses { get; set; } = [];

        public string[] ResponseMessages { get; set; } = [];

        public float[] Scores { get; set; } = [];
    }

    private sealed class PromptOnly
    {
        public string Prompt { get; set; } = "";
    }

    private sealed class MessagesOnly
    {
        public string Messages { get; set; } = "";
    }

    private sealed class ConversationPair
    {
        public string Messages { get; set; } = "";

        public string Chosen { get; set; } = "";

        public string Rejected { get; set; } = "";
    }

    private sealed class Renamed
    {
        public string Question { get; set; } = "";

        public string[] Answers { get; set; } = [];

        public float[] Stars { get; set; } = [];
    }

    private sealed class Tokens
    {
        public int[] PromptTokens { get; set; } = [];

        public int[] ResponseTokens { get; set; } = [];

        public int[] ResponseLengths { get; set; } = [];

        public float[] Scores { get; set; } = [];
    }

    private sealed class PromptTokensOnly
    {
        public int[] PromptTokens { get; set; } = [];
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Load_EveryKindOfRow_SurvivesWhatMLNetDoesToData()
    {
        var file = LoadAllKinds();
        var rows = Rows(file);
        Assert.Equal(["plain", "", "asks again", ""], rows.Select(row => row.Prompt));
        Assert.Equal(["", Conversation.Replace(", {", ",{"), "", """[{"role":"user","content":""}]"""], rows.Select(row => row.Messages));
        var tokens = TokensOf(file);
        Assert.Equal(tokens, TokensOf(_ml.Data.LoadFromEnumerable(rows)));
        Assert.Equal(tokens, TokensOf(_ml.Data.Cache(file)));

        using (var stream = File.Create(_folder["rows.idv"])) _ml.Data.SaveAsBinary(file, stream);
        var binary = _ml.Data.LoadFromBinary(_folder["rows.idv"]);
        Assert.Equal(tokens, TokensOf(binary));
        Assert.Equal(rows.Select(Text), Rows(binary).Select(Text));

        var tokenize = _ml.Preferences.Tokenize(Fixtures.TinyChatml).Fit(file);
        _ml.Model.Save(tokenize, tokenize.Transform(file).Schema, _folder["tokenize.zip"]);
        var loaded = new MLContext().Model.Load(_folder["tokenize.zip"], out var schema);
        Assert.Equal(["Prompt", "Messages", "PromptKey", "Responses", "ResponseMessages", "Scores", "LossWeights", "LmLossMasks", "Tools", "ChatTemplateArguments", "SourceRecord", "PromptTokens", "ResponseTokens", "ResponseLengths", "PromptIsPrefix", "PromptWeights"], schema.Select(column => column.Name));
        Assert.Equal(tokens, Texts(loaded.Transform(file)));
    }

    [Fact]
    public void Load_SplitByPromptKey_LosesNoRowAndKeepsPromptsTogether()
    {
        var file = _ml.Preferences.Load(_folder.Write("many.jsonl", string.Join('\n', Enumerable.Range(0, 40).Select(i => i % 2 == 0
            ? $$"""{"prompt": "p{{i / 8}}", "chosen": "a{{i}}", "rejected": "b"}"""
            : $$"""{"messages": [{"role": "system", "content": "s"}, {"role": "user", "content": "u{{i / 8}}"}], "chosen": "a{{i}}", "rejected": "b"}"""))));
        var split = _ml.Data.TrainTestSplit(file, testFraction: 0.4, samplingKeyColumnName: ColumnNames.PromptKey, seed: 1);
        var (train, test) = (Rows(split.TrainSet), Rows(split.TestSet));
        Assert.Equal(40, train.Count + test.Count);
        Assert.NotEmpty(test);
        Assert.Empty(train.Select(row => row.Prompt + row.Messages).Intersect(test.Select(row => row.Prompt + row.Messages)));
    }

    [Fact]
    public void Transform_OneOfThePromptColumns_IsEnough()
    {
        var text = _ml.Data.LoadFromEnumerable([new PromptOnly { Prompt = Conversation }]);
        var messages = _ml.Data.LoadFromEnumerable([new MessagesOnly { Messages = Conversation }]);
        Assert.Equal(["<|im_start|>user\n" + Conversation + "<|im_end|>\n<|im_start|>assistant\n"], Prompts(text));
        Assert.Equal(["<|im_start|>system\ns<|im_end|>\n<|im_start|>user\nu<|im_end|>\n<|im_start|>assistant\n"], Prompts(messages));
    }

    [Fact]
    public void Transform_ConversationWithChosenAndRejected_TakesThemAsTexts()
    {
        const string looksLikeJson = """[{"role": "assistant"}]""";
        var pair = _ml.Data.LoadFromEnumerable([new ConversationPair { Messages = Conversation, Chosen = looksLikeJson, Rejected = "no" }]);
        var tokens = _ml.Data.CreateEnumerable<Tokens>(_ml.Preferences.Tokenize(Fixtures.TinyChatml).Fit(pair).Transform(pair), reuseRowObject: false).Single();
        Assert.Equal(looksLikeJson + "<|im_end|>\nno<|im_end|>\n", Tiny.Decode(tokens.ResponseTokens));
        Assert.Equal([1f, 0f], tokens.Scores);
    }

    [Fact]
    public void Transform_OtherColumnNames_AreTakenAndSaved()
    {
        var renamed = _ml.Data.LoadFromEnumerable([new Renamed { Question = "q", Answers = ["a", "b", "c"], Stars = [5, 1, 3] }]);
        var usual = _ml.Data.LoadFromEnumerable([new Row { Prompt = "q", Responses = ["a", "b", "c"], Scores = [5, 1, 3] }]);
        var tokenize = _ml.Preferences.Tokenize(Fixtures.TinyChatml, new PreferenceTokenizingEstimator.Options { PromptColumnName = "Question", ResponsesColumnName = "Answers", ScoresColumnName = "Stars" }).Fit(renamed);
        Assert.Equal(TokensOf(usual), Texts(tokenize.Transform(renamed)));

        _ml.Model.Save(tokenize, renamed.Schema, _folder["renamed.zip"]);
        Assert.Equal(TokensOf(usual), Texts(new MLContext().Model.Load(_folder["renamed.zip"], out _).Transform(renamed)));
    }

    [Theory]
    [InlineData("p", Conversation, "Row 1 has both a Prompt and Messages; fill one of them and leave the other empty.")]
    [InlineData("", "", "Row 1 has neither a Prompt nor Messages; fill one of them (an empty user turn is Messages with [{\"role\": \"user\", \"content\": \"\"}]).")]
    [InlineData("", "hello", "Row 1: Messages is not valid JSON (")]
    [InlineData("", "{\"role\": \"user\"}", "Row 1: Messages is JSON, but no array; expected an array of messages")]
    [InlineData("", "[]", "Row 1: Messages is an empty array; expected an array of messages")]
    [InlineData("", "[{\"role\": \"user\"}, {\"role\": 1}]", "Row 1: Messages has an item 2 that is no object with a role; expected an array of messages")]
    public void Transform_BadPrompt_NamesTheRowAndTheFix(string prompt, string messages, string error)
    {
        var data = _ml.Data.LoadFromEnumerable([new Row { Prompt = "fine" }, new Row { Prompt = prompt, Messages = messages }]);
        Assert.StartsWith(error, Assert.Throws<PreferenceDataException>(() => TokensOf(data)).Message);
    }

    [Fact]
    public void Transform_BadResponses_NamesTheRowAndTheFix()
    {
        var both = _ml.Data.LoadFromEnumerable([new Row { Prompt = "p", Responses = ["a"], ResponseMessages = ["""[{"role":"assistant","content":"b"}]"""] }]);
        Assert.Equal("Row 0 has both Responses and ResponseMessages; give all its responses in one of them, as plain texts or as messages.",
            Assert.Throws<PreferenceDataException>(() => TokensOf(both)).Message);
        var text = _ml.Data.LoadFromEnumerable([new Row { Prompt = "p", ResponseMessages = ["b"] }]);
        Assert.StartsWith("Row 0: ResponseMessages is not valid JSON (", Assert.Throws<PreferenceDataException>(() => TokensOf(text)).Message);
    }

    [Fact]
    public void Fit_ColumnsMissing_SaysWhichAreExpected()
    {
        var nothing = _ml.Data.LoadFromEnumerable([new Renamed()]);
        Assert.StartsWith("Column Prompt or Messages is missing; expected", Assert.Throws<ArgumentException>(() => _ml.Preferences.Tokenize(Fixtures.TinyChatml).Fit(nothing)).Message);
        var twice = new PreferenceTokenizingEstimator.Options { ChosenColumnName = "A", RejectedColumnName = "A" };
        Assert.Equal("ChosenColumnName and RejectedColumnName are both 'A'; give each its own column.", Assert.Throws<ArgumentException>(() => _ml.Preferences.Tokenize(Fixtures.TinyChatml, twice)).Message);
        var empty = new PreferenceTokenizingEstimator.Options { PromptColumnName = "" };
        Assert.StartsWith("PromptColumnName is empty;", Assert.Throws<ArgumentException>(() => _ml.Preferences.Tokenize(Fixtures.TinyChatml, empty)).Message);
    }

    private IDataView LoadAllKinds() => _ml.Preferences.Load(_folder.Write("rows.jsonl", $$"""
        {"prompt": "plain", "chosen": "a", "rejected": "b"}
        {"messages": {{Conversation}}, "chosen": "a", "rejected": "b"}
        {"messages": [{"role": "user", "content": "asks again"}], "chosen": [{"role": "assistant", "content": "a"}, {"role": "user", "content": "u"}, {"role": "assistant", "content": "c"}], "rejected": "b"}
        {"prompt": "", "chosen": "[1]", "rejected": "b"}
        """));

    private List<string> TokensOf(IDataView data) => Texts(_ml.Preferences.Tokenize(Fixtures.TinyChatml).Fit(data).Transform(data));

    private List<string> Texts(IDataView tokenized) =>
        [.. _ml.Data.CreateEnumerable<Tokens>(tokenized, reuseRowObject: false).Select(row => $"{Tiny.Decode(row.PromptTokens)}|{Tiny.Decode(row.ResponseTokens)}|{string.Join(',', row.ResponseLengths)}|{string.Join(',', row.Scores)}")];

    private string[] Prompts(IDataView data) =>
        [.. _ml.Data.CreateEnumerable<PromptTokensOnly>(_ml.Preferences.Tokenize(Fixtures.TinyChatml).Fit(data).Transform(data), reuseRowObject: false).Select(row => Tiny.Decode(row.PromptTokens))];

    private List<Row> Rows(IDataView data) => [.. _ml.Data.CreateEnumerable<Row>(data, reuseRowObject: false)];

    private static string Text(Row row) => string.Join('|', [row.Prompt, row.Messages, .. row.Responses, .. row.ResponseMessages, .. row.Scores.Select(score => score.ToString())]);
}
