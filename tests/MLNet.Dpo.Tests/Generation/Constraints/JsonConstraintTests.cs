using System.Text;
using System.Text.Json;
using Microsoft.ML;
using MLNet.Dpo.DataViews;
using MLNet.Dpo.Generation.Constraints;
using MLNet.Dpo.Schemas;
using Xunit;

namespace MLNet.Dpo.Tests.Generation.Constraints;

public class JsonConstraintTests
{
    private static readonly string[] Schemas =
    [
        """{"type":"object","properties":{"name":{"type":"string"},"age":{"type":"integer"}},"required":["name","age"],"additionalProperties":false}""",
        """{"type":"object","properties":{"a":{"type":"number"},"b":{"type":"boolean"},"c":{"type":["string","null"],"maxLength":4},"d":{"enum":["x",1,null,{"k":[1,"é😀\""]}]}},"required":["b","d"]}""",
        """{"type":"array","items":{"type":"object","properties":{"id":{"type":"integer"},"tags":{"type":"array","items":{"type":"string","minLength":2,"maxLength":5},"minItems":1,"maxItems":3}},"required":["tags"]},"minItems":2}""",
        """{"anyOf":[{"type":"object","properties":{"kind":{"const":"circle"},"r":{"type":"number"}},"required":["kind","r"]},{"type":"object","properties":{"kind":{"const":"square"},"side":{"type":"number"}},"required":["kind","side"]}]}""",
        """{"type":"object"}""",
        "{}",
        """{"type":"string","minLength":3}""",
        """{"type":"number"}""",
        """{"enum":["yes","no","y"],"maxLength":3,"minLength":2}""",
        """{"type":"object","additionalProperties":{"type":"array","items":{"type":"integer"},"maxItems":0}}""",
        """{"type":"object","properties":{"a":{"type":"object","properties":{"b":{"type":"object","properties":{"c":{"type":"null"},"d":{"type":"array"}},"required":["c"]}},"required":["b"]}},"required":["a","z"]}""",
    ];

    [Fact]
    public void Generate_RandomModel_EveryDocumentIsValid()
    {
        var ml = new MLContext(seed: 1);
        var model = ml.Preferences.LoadPretrained(Fixtures.Llama, Fixtures.TinyChatml);
        using var network = model.LastTransformer;
        foreach (var (number, schema) in Schemas.Index())
        {
            foreach (var options in Enumerable.Range(0, 3).Select(seed => new GenerationOptions { Temperature = 1 + seed, Seed = seed, MaxNewTokens = 90 + (seed * 20) }).Append(new GenerationOptions { MaxNewTokens = 100 }))
            {
                options.JsonSchema = schema;
                foreach (var samples in ml.Preferences.Sample(model, ["hi!", $"{number}"], options, 2))
                {
                    Assert.All(samples.Responses, response => AssertValid(schema, response));
                    Assert.All(samples.FinishReasons, reason => Assert.Equal(FinishReason.Stop, reason));
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(CompletionTextTests.Tokenizers), MemberType = typeof(CompletionTextTests))]
    public void Apply_AnyTokenizer_RandomTokensMakeValidDocuments(string name)
    {
        var tokenizer = new ChatTokenizer(HuggingFaceTokenizer.Load(Fixtures.PathTo("tokenizers", name)));
        if (!Enumerable.Range(32, 95).All(letter => tokenizer.Decode(tokenizer.Encode($"a{(char)letter}", false)) == $"a{(char)letter}")) return; // cannot write every letter
        var size = ((HuggingFaceTokenizer)tokenizer.Tokenizer).VocabularySize;
        var cache = new ConstraintCache(tokenizer, size);
        var random = new Random(1);
        for (var run = 0; run < 55; run++)
        {
            var schema = Schemas[run % Schemas.Length];
            var constraint = cache.Begin(new GenerationOptions { JsonSchema = schema })!;
            var ids = new List<int>();
            for (var left = 120; left > 0; left--)
            {
                var logits = Enumerable.Range(0, size + 1).Select(_ => random.NextSingle()).ToArray();
                var held = constraint.Apply(logits, new HashSet<int> { size }, left); // the last one ends it
                if (Enumerable.Range(0, size + 1).MaxBy(id => held[id]) is var next && next == size) break;
                ids.Add(next);
                if (constraint.Accept(ids[^1])) break;
            }
            Assert.True(constraint.IsWhole);
            AssertValid(schema, tokenizer.Decode(ids));
        }
    }

    [Theory]
    [InlineData(0, """{"name": "é😀\u00e9\n", "age": -12}""", true)]
    [InlineData(0, "{\n  \"name\": \"\",\n  \"age\": 0\n}", true)]
    [InlineData(0, """{"age":1,"name":""}""", false)]
    [InlineData(0, """{"name":"","age":01}""", false)]
    [InlineData(0, """{"name":"","age":1.5}""", false)]
    [InlineData(0, """{"name":"\ud83d","age":1}""", false)]
    [InlineData(0, """{"name":"","age":1,}""", false)]
    [InlineData(0, """{"name":"","age":1,"x":2}""", false)]
    [InlineData(0, """{"name":""}""", false)]
    [InlineData(1, """{"b":true,"d":{"k":[1,"é😀\""]}}""", true)]
    [InlineData(1, """{"a":-0.5e-7,"b":false,"c":null,"d":1}""", true)]
    [InlineData(1, """{"a":1.,"b":false,"d":1}""", false)]
    [InlineData(1, """{"b":true,"c":"12345","d":1}""", false)]
    [InlineData(2, """[{"tags":["ab"]}, {"id":1,"tags":["abc","de"]}]""", true)]
    [InlineData(2, """[{"tags":["ab"]}]""", false)]
    [InlineData(2, """[{"tags":[]},{"tags":["ab"]}]""", false)]
    [InlineData(3, """{"kind":"square","side":2}""", true)]
    [InlineData(3, """{"kind":"square","r":2}""", false)]
    [InlineData(4, """{"any": {"thing": [1, "x", null, {}]}}""", true)]
    [InlineData(4, "[]", false)]
    [InlineData(5, """[[[1,2],[]],"x",{"a":{}}]""", true)]
    [InlineData(5, """[1,]""", false)]
    [InlineData(6, "\"ab\"", false)]
    [InlineData(6, "\"a\\\"b\"", true)]
    [InlineData(7, "-12.5E+3", true)]
    [InlineData(7, "-", false)]
    [InlineData(8, "\"yes\"", true)]
    [InlineData(8, "\"y\"", false)]
    [InlineData(9, """{"a":[],"b":[]}""", true)]
    [InlineData(9, """{"a":[1]}""", false)]
    public void Next_Documents_AreWhatTheSchemaAllows(int schema, string document, bool isValid)
    {
        var tokenizer = new ChatTokenizer(HuggingFaceTokenizer.Load(Fixtures.TinyChatml));
        var automaton = new JsonAutomaton(SchemaGrammar.Parse(Schemas[schema]), new TokenBytes(tokenizer, 0));
        var states = new Dictionary<HashSet<Frame>, JsonState>(HashSet<Frame>.CreateSetComparer());
        JsonState Known(HashSet<Frame> frames) => states.TryGetValue(frames, out var known) ? known : states[frames] = new JsonState(frames);
        var state = automaton.Start;
        var bytes = Encoding.UTF8.GetBytes(document);
        foreach (var (i, next) in bytes.Index())
        {
            var before = state.Least;
            state = state.Next(next, Known);
            if (!state.IsDead) Assert.True(state.Least >= before - 1 && (i == bytes.Length - 1 || state.Least > 0 || schema == 7));
        }
        Assert.Equal(isValid, state.IsWhole);
    }

    [Fact]
    public void Apply_InsideOfAString_WalksTheVocabularyOnce()
    {
        var tokenizer = new ChatTokenizer(HuggingFaceTokenizer.Load(Fixtures.TinyChatml));
        var automaton = new JsonAutomaton(SchemaGrammar.Parse(Schemas[0]), new TokenBytes(tokenizer, 1000));
        var state = automaton.Start;
        foreach (var id in tokenizer.Encode("""{"name": "once""", false)) state = automaton.After(state, id);
        var allowed = automaton.Allowed(state);
        foreach (var id in tokenizer.Encode(" upon a time é", false)) state = automaton.After(state, id);
        Assert.Same(allowed, automaton.Allowed(state));
    }

    [Fact]
    public async Task JsonSchema_StreamAndLimits_HoldToo()
    {
        var ml = new MLContext(seed: 1);
        var model = ml.Preferences.LoadPretrained(Fixtures.Llama, Fixtures.TinyChatml);
        using var network = model.LastTransformer;
        var options = new GenerationOptions { JsonSchema = Schemas[0], Temperature = 1, Seed = 4, MaxNewTokens = 40 };
        var text = "";
        await foreach (var piece in ml.Preferences.GenerateStreamAsync(model, "hi!", options)) text += piece.Text;
        Assert.Equal(ml.Preferences.Generate(model, "hi!", options), text);
        AssertValid(Schemas[0], text);
        options.MaxNewTokens = 5;
        Assert.Contains("raise MaxNewTokens", Assert.Throws<InvalidOperationException>(() => ml.Preferences.Generate(model, "hi!", options)).Message, StringComparison.Ordinal);
        foreach (var wrong in new GenerationOptions[] { new() { NumBeams = 2 }, new() { StopStrings = ["x"] }, new() { MinNewTokens = 2 }, new() { ForcedEosTokenId = 1 } })
        {
            wrong.JsonSchema = "{}";
            Assert.Contains("JsonSchema", Assert.Throws<ArgumentException>(wrong.Validate).Message, StringComparison.Ordinal);
        }
        Assert.Contains("JsonSchema: schema has 'pattern'", Assert.Throws<ArgumentException>(() => new GenerationOptions { JsonSchema = """{"type":"string","pattern":"a"}""" }.Validate()).Message, StringComparison.Ordinal);
    }

    private static void AssertValid(string schema, string text)
    {
        using var document = JsonDocument.Parse(text);
        Assert.True(JsonSchema.Parse(schema).IsValid(document.RootElement), $"{text} is no {schema}");
    }
}
