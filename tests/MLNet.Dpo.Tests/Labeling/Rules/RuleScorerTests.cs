using Microsoft.ML;
using Xunit;

namespace MLNet.Dpo.Tests.Labeling.Rules;

/// <summary>Rules on English and Chinese responses, against scores worked out by hand.</summary>
public class RuleScorerTests
{
    private readonly MLContext _ml = new(seed: 1);

    private PreferencesCatalog.ScorerCatalog Scorers => _ml.Preferences.Scorers;

    [Theory]
    [InlineData(LengthUnit.Characters, new float[] { -5, -4, -1, 0 })]
    [InlineData(LengthUnit.Words, new float[] { -1, -4, 0, 0 })]
    public void Length_Shorter_CountsWhatAReaderSees(LengthUnit unit, float[] expected) =>
        Assert.Equal(expected, Score(Scorers.Length(LengthGoal.Shorter, unit), "Don't", "你好世界", "👩‍👩‍👧", ""));

    [Fact]
    public void Length_Target_IsTheDistance() =>
        Assert.Equal([0, -1, -3], Score(Scorers.Length(3, LengthUnit.Words), "one two-three 四", "我很好的", ""));

    [Fact]
    public void Length_Tokens_CountsByTheTokenizer()
    {
        var tokenizer = HuggingFaceTokenizer.Load(Fixtures.TinyChatml);
        string[] texts = ["one", "I would rather not say it.", "你好"];
        Assert.Equal(texts.Select(text => (float)tokenizer.CountTokens(text)), Score(Scorers.Length(LengthGoal.Longer, LengthUnit.Tokens, tokenizer), texts));
        Assert.Contains("give the tokenizer that counts them", Assert.Throws<ArgumentException>(() => Scorers.Length(LengthGoal.Longer, LengthUnit.Tokens)).Message);
        Assert.Contains("set it to LengthUnit.Tokens", Assert.Throws<ArgumentException>(() => Scorers.Length(LengthGoal.Longer, LengthUnit.Words, tokenizer)).Message);
    }

    [Fact]
    public void Regex_MatchAndNoMatch_AreOneAndZero()
    {
        Assert.Equal([1, 0], Score(Scorers.Regex("（[^）]+）"), "（轻笑）谢谢", "谢谢"));
        Assert.Equal([0, 1], Score(Scorers.Regex("^SORRY", shouldMatch: false, ignoreCase: true), "Sorry, no.", "No."));
        Assert.StartsWith("pattern is '(', which is no regular expression of .NET:", Assert.Throws<ArgumentException>(() => Scorers.Regex("(")).Message);
    }

    [Fact]
    public void Regex_WithoutEnd_NamesTheRow() =>
        Assert.StartsWith("Row 0: the regular expression '^(a+)+$' takes longer than 1 s", Assert.Throws<PreferenceDataException>(() => Score(Scorers.Regex("^(a+)+$"), new string('a', 40) + "!")).Message);

    [Fact]
    public void Keywords_AreWholeWordsWhereSpacesPartThem()
    {
        Assert.Equal([0.5f, 1, 0, 0.5f], Score(Scorers.Keywords(["cat", "谢谢"]), "The Cat.", "cat，非常谢谢你", "concatenate", "我的cat"));
        Assert.Equal([1, 0, 1], Score(Scorers.Keywords(["抱歉", "as an AI"], wanted: false), "好的", "As an AI, I ...", "as an AIM"));
        Assert.Throws<ArgumentException>(() => Scorers.Keywords([" "]));
    }

    [Fact]
    public void Json_AnyAndBySchema_GivesPartsForTheForm()
    {
        string[] texts = ["{\"out\": \"hi!\"}", "{\"out\": 1}", "hi!", "{\"out\": \"hi!\"} and more", "{\"out\": \"hi!\", \"x\": 1}", "{}"];
        Assert.Equal([1, 1, 0, 0, 1, 1], Score(Scorers.Json(), texts));
        Assert.Equal([1, 0.5f, 0, 0, 0.5f, 0.5f], Score(Scorers.Json("""{"type": "object", "required": ["out"], "properties": {"out": {"type": "string"}}, "additionalProperties": false}"""), texts));
    }

    [Theory]
    [InlineData("""{"enum": [1, "a"]}""", "\"a\"", "2")]
    [InlineData("""{"const": {"a": [1]}}""", "{\"a\": [1]}", "{\"a\": [2]}")]
    [InlineData("""{"minimum": 0, "exclusiveMaximum": 5, "multipleOf": 2}""", "4", "5")]
    [InlineData("""{"type": "integer"}""", "3.0", "3.5")]
    [InlineData("""{"type": ["null", "string"], "maxLength": 2}""", "\"你好\"", "\"abc\"")]
    [InlineData("""{"pattern": "^a"}""", "\"ab\"", "\"b\"")]
    [InlineData("""{"items": {"type": "number"}, "minItems": 1, "uniqueItems": true}""", "[1, 2]", "[1, 1]")]
    [InlineData("""{"additionalProperties": {"type": "boolean"}, "maxProperties": 1}""", "{\"a\": true}", "{\"a\": 1}")]
    [InlineData("""{"anyOf": [{"type": "string"}, {"minimum": 3}], "not": {"const": 4}}""", "5", "4")]
    [InlineData("""{"oneOf": [{"minimum": 3}, {"maximum": 5}]}""", "6", "4")]
    [InlineData("""{"allOf": [{"minimum": 3}, {"maximum": 5}]}""", "4", "6")]
    public void Json_Keyword_TellsRightFromWrong(string schema, string right, string wrong) => Assert.Equal([1, 0.5f], Score(Scorers.Json(schema), right, wrong));

    [Fact]
    public void Json_SchemaThatIsNotUnderstood_IsRefused()
    {
        Assert.StartsWith("schema has '$ref', which is not supported", Assert.Throws<ArgumentException>(() => Scorers.Json("""{"$ref": "#/a"}""")).Message);
        Assert.StartsWith("schema is no JSON:", Assert.Throws<ArgumentException>(() => Scorers.Json("{")).Message);
        Assert.StartsWith("schema has a keyword whose value is of the wrong type", Assert.Throws<ArgumentException>(() => Scorers.Json("""{"minLength": "2"}""")).Message);
        Assert.StartsWith("schema has the type 'text'", Assert.Throws<ArgumentException>(() => Scorers.Json("""{"type": "text"}""")).Message);
    }

    [Fact]
    public void Script_GivenOrThePrompts_IsAShareOfLetters()
    {
        Assert.Equal([1, 0, 0.5f, 0], Score(Scorers.Script(WritingScript.Han), "你好！1", "Hello", "你好ab", "123"));
        Assert.Equal([1, 0], Score(Scorers.Script(WritingScript.Kana), "日本語です", "hello"));
        Assert.Equal([1, 0, 1], Scores("今天天气怎么样？", Scorers.Script(), "很好", "Fine", "3"));
        Assert.Equal([0, 1], Scores("How are you? 好", Scorers.Script(), "很好", "Fine"));
    }

    [Fact]
    public void Custom_GetsPromptAndResponses_AndMustScoreEach()
    {
        Assert.Equal([2, 1], Scores("ab", Scorers.Custom("order", (prompt, responses) => [prompt.Length, responses[1].Length]), "x", "y"));
        Assert.Equal("Row 0: half gave 1 scores for 2 responses; return one for each.",
            Assert.Throws<PreferenceDataException>(() => Score(Scorers.Custom("half", (_, _) => [1]), "x", "y")).Message);
    }

    private float[] Score(ScoringEstimator scorer, params string[] responses) => Scores("hi!", scorer, responses);

    private float[] Scores(string prompt, ScoringEstimator scorer, params string[] responses) => LabeledRows.Scores(scorer, LabeledRows.Answers(_ml, prompt, responses));
}
