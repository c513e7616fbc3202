using Microsoft.ML;
using MLNet.Dpo.Training;
using Xunit;

namespace MLNet.Dpo.Tests.DataViews;

public sealed class LeftOutKeysTests : IDisposable
{
    private const string Begin = "{% for m in messages %}<|im_start|>{{ m.role }}\n", End = "<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";
    private const string Answer = """{"role":"assistant","content":"a","reasoning_content":"r"}""";
    private const string Call = """{"role":"assistant","content":"a","tool_calls":[{"type":"function","function":{"name":"f","arguments":{}}}]}""";
    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _ml = new(seed: 1);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("{{ m.content }}", Answer, "reasoning_content")]
    [InlineData("{{ m.reasoning_content }}{{ m.content }}", Answer, "")]
    [InlineData("{% if loop.last %}{{ m.reasoning_content }}{% endif %}{{ m.content }}", $"{Answer},{{\"role\":\"user\",\"content\":\"and?\"}},{Answer}", "reasoning_content")] // written in the last turn alone
    [InlineData("{{ m.content }}", """{"role":"assistant","content":"a","thinking":"t","name":"n","weight":1,"extra":null,"audio":{"id":"x"}}""", "audio, name, thinking")]
    [InlineData("{{ m.content }}", """{"role":"assistant","content":"a","reasoning_content":" \n","annotations":[]}""", "")] // they say nothing
    [InlineData("{% if m.tool_calls %}{{ m.tool_calls | tojson }}{% else %}{{ m.content }}{% endif %}", Call, "content")]
    [InlineData("{% if m.tool_calls %}{{ m.tool_calls | tojson }}{% endif %}{{ m.content }}", Call, "")]
    public void Read_PartsOfMessages_ThoseThatTheTemplateLeavesOutAreCounted(string turn, string answer, string leftOut)
    {
        var truncation = Read($$"""{"prompt":[{"role":"user","content":"q"}],"chosen":[{{answer}}],"rejected":[{"role":"assistant","content":"b"}]}""", Begin + turn + End);
        Assert.Equal(leftOut, truncation.LeftOutKeys);
        Assert.Equal(leftOut.Length > 0 ? 1 : 0, truncation.RowsWithLeftOutKeys);
        Assert.Equal(1, truncation.Rows - truncation.Dropped);
        Assert.Equal(leftOut.Length > 0, truncation.ToString().Contains($"1 with parts of messages that the chat template leaves out ({leftOut})", StringComparison.Ordinal));
        Assert.Equal(leftOut.Length == 0, truncation.IsNothing);
    }

    [Fact]
    public void Read_PromptsAndSeveralRows_AreCountedByRow()
    {
        const string Plain = """{"prompt":"q","chosen":"a","rejected":"b"}""";
        const string Named = """{"prompt":[{"role":"user","content":"q","name":"n"}],"chosen":"a","rejected":"b"}""";
        var truncation = Read(string.Join('\n', Named, Plain, Named), Begin + "{{ m.content }}" + End);
        Assert.Equal((2, "name"), (truncation.RowsWithLeftOutKeys, truncation.LeftOutKeys));
    }

    private TruncationSummary Read(string lines, string template)
    {
        var data = _ml.Preferences.Load(_folder.Write("rows.jsonl", lines));
        var tokens = _ml.Preferences.Tokenize(Fixtures.TinyChatml, new PreferenceTokenizingEstimator.Options { ChatTemplate = template }).Fit(data).Transform(data);
        return ExampleReader.Read(tokens, 512, needsPairs: true).Truncation;
    }
}
