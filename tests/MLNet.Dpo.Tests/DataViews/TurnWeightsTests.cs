using Microsoft.ML;
using Microsoft.ML.Data;
using Xunit;

namespace MLNet.Dpo.Tests.DataViews;

/// <summary>Weights of messages as weights of tokens.</summary>
public sealed class TurnWeightsTests
{
    private const string Conversation = """[{"role":"system","content":"Be brief."},{"role":"user","content":"hi!"},{"role":"assistant","content":"Hi there!"},{"role":"user","content":"bye"}]""";
    private const string Marked = "{% for m in messages %}<|im_start|>{{ m.role }}\n{% if m.role == 'assistant' %}{% generation %}{{ m.content ~ '<|im_end|>' }}{% endgeneration %}{% else %}{{ m.content ~ '<|im_end|>' }}{% endif %}\n{% endfor %}"
        + "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";
    private const string Rewriting = "{% for m in messages %}<|im_start|>{{ m.role }}\n{% if m.role == 'assistant' and not loop.last %}{{ m.content[:2] }}{% else %}{{ m.content }}{% endif %}<|im_end|>\n{% endfor %}"
        + "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

    private static readonly MLContext Ml = new();
    private static readonly HuggingFaceTokenizer Tiny = HuggingFaceTokenizer.Load(Fixtures.TinyChatml);

    [Theory]
    [InlineData(null, new float[] { 0, 0, 1, 0 }, "Hi there!<|im_end|>")]
    [InlineData(null, new float[] { 0.5f, 0, 0, 1 }, "Be brief.<|im_end|>bye<|im_end|>")]
    [InlineData(null, new float[] { 1, 1, 1, 1 }, "Be brief.<|im_end|>hi!<|im_end|>Hi there!<|im_end|>bye<|im_end|>")]
    [InlineData(Marked, new float[] { 0, 0, 1, 0 }, "Hi there!<|im_end|>")]
    public void PromptWeights_MessagesWithWeights_AreTheirContentAndEndOfTurn(string? template, float[] weights, string expected)
    {
        var (tokens, weightOfToken) = Weights(template, Conversation, weights);
        Assert.Equal(tokens.Length, weightOfToken.Length);
        Assert.Equal(expected, Tiny.Decode(tokens.Zip(weightOfToken).Where(token => token.Second > 0).Select(token => token.First), skipSpecialTokens: false));
        Assert.Equal(weights.Where(weight => weight > 0).Distinct().Order(), weightOfToken.Where(weight => weight > 0).Distinct().Order());
    }

    [Fact]
    public void PromptWeights_TemplateThatRewritesATurn_IsAnErrorOnlyWhereItIsLearned()
    {
        Assert.NotEmpty(Weights(Rewriting, Conversation, [0, 1, 0, 0]).Weights);
        var error = Assert.Throws<PreferenceDataException>(() => Weights(Rewriting, Conversation, [0, 0, 1, 0]));
        Assert.Contains("rewrites, when others follow, message 3", error.Message, StringComparison.Ordinal);
        Assert.StartsWith("Row 0: ", error.Message);
    }

    [Theory]
    [InlineData(new float[] { 1 }, "[1]")]
    [InlineData(new float[] { 0, 0, 2, 0 }, "[0, 0, 2, 0]")]
    [InlineData(new float[] { 0, 0, float.NaN, 0 }, "NaN")]
    public void PromptWeights_WrongNumbers_AreAnError(float[] weights, string given) =>
        Assert.Contains(given, Assert.Throws<PreferenceDataException>(() => Weights(null, Conversation, weights)).Message, StringComparison.Ordinal);

    [Fact]
    public void PromptWeights_NoneSaid_AreNone() => Assert.Empty(Weights(null, Conversation, []).Weights);

    private static (int[] Tokens, float[] Weights) Weights(string? template, string messages, float[] weights)
    {
        var data = Ml.Data.LoadFromEnumerable([new Row { Messages = messages, Chosen = "a", Rejected = "b", LossWeights = weights }]);
        var tokenized = Ml.Preferences.Tokenize(Fixtures.TinyChatml, new PreferenceTokenizingEstimator.Options { ChatTemplate = template }).Fit(data).Transform(data);
        return (tokenized.GetColumn<int[]>("PromptTokens").Single(), tokenized.GetColumn<float[]>("PromptWeights").Single());
    }

    private sealed class Row
    {
        public string Messages { get; set; } = "";

        public string Chosen { get; set; } = "";

        public string Rejected { get; set; } = "";

        public float[] LossWeights { get; set; } = [];
    }
}
