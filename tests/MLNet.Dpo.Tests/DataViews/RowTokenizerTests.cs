using Microsoft.ML;
using Xunit;

namespace MLNet.Dpo.Tests.DataViews;

/// <summary>Rows that would be trained as something else than what they say.</summary>
public sealed class RowTokenizerTests : IDisposable
{
    private const string Alternating =
        "{% for m in messages %}{% if (m.role == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('roles must alternate') }}{% endif %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
        + "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

    private readonly MLContext _ml = new(seed: 1);
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Transform_TemplateRefuses_NamesFileRecordAndLine()
    {
        var data = _ml.Preferences.Load(_folder.Write("rows.jsonl", """
            {"prompt": "hi", "chosen": "a", "rejected": "b"}

            {"prompt": [{"role": "system", "content": "s"}, {"role": "user", "content": "hi"}], "chosen": [{"role": "assistant", "content": "a"}], "rejected": [{"role": "assistant", "content": "b"}]}
            """));
        var error = Error(data, new PreferenceTokenizingEstimator.Options { ChatTemplate = Alternating });
        Assert.Equal($"'{_folder["rows.jsonl"]}', record 2, line 3: the chat template refuses the row: roles must alternate", error);
    }

    [Theory]
    [InlineData("<|im_start|>user\nhi!<|im_end|>\n<|im_start|>assistant\n", "Hi!<|im_end|>\n", "the prompt already carries")]
    [InlineData("hi!", "Hi!<|im_end|>\n", "a response already carries")]
    public void Transform_TextsAlreadyRendered_AreRefused(string prompt, string chosen, string message)
    {
        var data = _ml.Data.LoadFromEnumerable([new Pair { Prompt = prompt, Chosen = chosen, Rejected = "b" }]);
        Assert.StartsWith($"Row 0: {message} the chat template's control tokens", Error(data));
        Assert.Single(Tokens(data, new PreferenceTokenizingEstimator.Options { ApplyChatTemplate = false }));
    }

    [Theory]
    [InlineData("\n\nHuman: Which planet looks red?\n\nAssistant:")]
    [InlineData("A chat between a user and an assistant. USER: hi ASSISTANT:")]
    [InlineData("Below is an instruction.\n\n### Instruction:\nName a colour.\n\n### Response:\n")]
    public void Transform_PromptsThatLeaveTheAssistantsTurnOpen_AreRefusedUnderATemplate(string prompt)
    {
        var data = _ml.Data.LoadFromEnumerable([new Pair { Prompt = prompt, Chosen = "a", Rejected = "b" }]);
        Assert.StartsWith("Row 0: the prompt is a transcript that ends where the assistant is to speak", Error(data));
        Assert.Single(Tokens(data, new PreferenceTokenizingEstimator.Options { ApplyChatTemplate = false }));
    }

    [Theory]
    [InlineData("Write one line for each: Human: and Assistant: please")]
    [InlineData("Question: Name a colour.\nAnswer:")]
    [InlineData("What does \"Response:\" mean?")]
    public void Transform_PromptsThatOnlyNameSpeakers_AreTexts(string prompt) =>
        Assert.Single(Tokens(_ml.Data.LoadFromEnumerable([new Pair { Prompt = prompt, Chosen = "a", Rejected = "b" }]), new PreferenceTokenizingEstimator.Options()));

    [SharedDataFact("fixtures/tokenizers/llama2")]
    public void Transform_PlainTextThatBeginsWithTheBeginToken_HasOne()
    {
        var (plain, begun) = (new Pair { Prompt = "hi", Chosen = "a", Rejected = "b" }, new Pair { Prompt = "<s>hi", Chosen = "a", Rejected = "b" });
        var data = _ml.Data.LoadFromEnumerable([plain, begun]);
        var options = new PreferenceTokenizingEstimator.Options { ApplyChatTemplate = false };
        var tokens = Tokens(data, options, SharedData.PathTo("fixtures/tokenizers/llama2"));
        Assert.StartsWith("1|", tokens[0]);
        Assert.Equal(tokens[0], tokens[1]);
    }

    [SharedDataFact("cases/03-pretemplated")]
    public void Transform_RenderedRowsOfAFile_AreRefusedWithTheirPlace()
    {
        var path = SharedData.PathTo("cases/03-pretemplated/data.jsonl");
        Assert.StartsWith($"'{path}', record 1, line 1: the prompt already carries the chat template's control tokens", Error(_ml.Preferences.Load(path)));
    }

    [Theory]
    [InlineData("system", true)]
    [InlineData("tool", true)]
    [InlineData("system", false)]
    public void Transform_RoleThatTheTemplateLeavesOut_IsRefused(string role, bool passesOver)
    {
        var template = passesOver
            ? "{% for m in messages %}{% if m.role in ['user', 'assistant'] %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endif %}{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
            : "{% for m in messages %}{{ m.content }}<|im_end|>\n{% endfor %}";
        var data = _ml.Preferences.Load(_folder.Write("rows.jsonl", $$"""{"prompt": [{"role": "{{role}}", "content": "s"}, {"role": "user", "content": "hi"}], "chosen": "a", "rejected": "b"}"""));
        var options = new PreferenceTokenizingEstimator.Options { ChatTemplate = template };
        if (passesOver) Assert.StartsWith($"'{_folder["rows.jsonl"]}', record 1, line 1: the chat template leaves out the messages of '{role}'", Error(data, options));
        else Assert.Single(Tokens(data, options));
    }

    [Fact]
    public void Transform_ToolCallThatTheTemplateLeavesOut_IsRefused()
    {
        var data = _ml.Preferences.Load(_folder.Write("rows.jsonl", """
            {"prompt": "weather?", "chosen": [{"role": "assistant", "content": "", "tool_calls": [{"type": "function", "function": {"name": "f", "arguments": {} } }]}], "rejected": [{"role": "assistant", "content": "b"}]}
            """));
        Assert.StartsWith($"'{_folder["rows.jsonl"]}', record 1, line 1: the chat template leaves out the tool calls of response 1; give",
            Error(data, new PreferenceTokenizingEstimator.Options { ChatTemplate = Alternating }));
    }

    [Theory]
    [InlineData("""[{"role":"user","content":"hi"}]""", """[{"role":"assistant","content":"a"}]""", """[{"role":"assistant","content":"b"}]""")]
    [InlineData("""[{"role":"user","content":"hi"}]""", """[{"role":"user","content":"hi"},{"role":"assistant","content":"a"}]""", """[{"role":"user","content":"hi"},{"role":"assistant","content":"b"}]""")]
    [InlineData("""[{"role":"user","content":[{"type":"text","text":"hi"}]}]""", "a", "b")]
    public void Transform_RowsFromMemory_AreReadAsTheLoaderReadsThem(string messages, string chosen, string rejected)
    {
        var plain = _ml.Data.LoadFromEnumerable([new Pair { Prompt = "hi", Chosen = "a", Rejected = "b" }]);
        var data = _ml.Data.LoadFromEnumerable([new Conversation { Messages = messages, Chosen = chosen, Rejected = rejected }]);
        Assert.Equal(Tokens(plain), Tokens(data));
        Assert.Equal(Tokens(plain), Tokens(_ml.Data.LoadFromEnumerable([new Pair { Prompt = messages.Contains("type") ? "hi" : messages, Chosen = chosen, Rejected = rejected }])));
    }

    [Theory]
    [InlineData("hi HIGH", "a", "b", "Row 0: Prompt has half of a surrogate pair")]
    [InlineData("hi", "a LOW", "b", "Row 0: Chosen or Rejected has half of a surrogate pair")]
    [InlineData("hi", """[{"role":"user","content":"x"},{"role":"assistant","content":"a"}]""", """[{"role":"assistant","content":"b"}]""", "Row 0: Chosen or Rejected begins with a message of 'user' that is not the prompt's")]
    [InlineData("""[{"role":"human","content":"hi"}]""", "a", "b", "Row 0: Prompt has an item 1 of the unknown role 'human'")]
    public void Transform_BadRowFromMemory_IsRefused(string prompt, string chosen, string rejected, string message) =>
        Assert.StartsWith(message, Error(_ml.Data.LoadFromEnumerable([new Pair { Prompt = Halves(prompt), Chosen = Halves(chosen), Rejected = rejected }])));

    // Test cases are handed around as UTF-8, which has no halves of characters.
    private static string Halves(string text) => text.Replace("HIGH", "\ud83d").Replace("LOW", "\ude00");

    private string Error(IDataView data, PreferenceTokenizingEstimator.Options? options = null) => Assert.Throws<PreferenceDataException>(() => Tokens(data, options)).Message;

    private List<string> Tokens(IDataView data, PreferenceTokenizingEstimator.Options? options = null, string? tokenizer = null) =>
        [.. _ml.Data.CreateEnumerable<Row>(_ml.Preferences.Tokenize(tokenizer ?? Fixtures.TinyChatml, options ?? new PreferenceTokenizingEstimator.Options()).Fit(data).Transform(data), reuseRowObject: false)
            .Select(row => $"{string.Join(' ', row.PromptTokens)}|{string.Join(' ', row.ResponseTokens)}")];

    private sealed class Pair
    {
        public string Prompt { get; set; } = "";

        public string Chosen { get; set; } = "";

        public string Rejected { get; set; } = "";
    }

    private sealed class Conversation
    {
        public string Messages { get; set; } = "";

        public string Chosen { get; set; } = "";

        public string Rejected { get; set; } = "";
    }

    private sealed class Row
    {
        public int[] PromptTokens { get; set; } = [];

        public int[] ResponseTokens { get; set; } = [];
    }
}
