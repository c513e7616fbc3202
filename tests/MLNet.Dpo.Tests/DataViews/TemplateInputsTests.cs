using System.Text.Json.Nodes;
using Microsoft.ML;
using Xunit;

namespace MLNet.Dpo.Tests.DataViews;

/// <summary>Chat templates by name, their variables and tools: from records and rows to tokens, and kept by saved models.</summary>
public sealed class TemplateInputsTests : IDisposable
{
    private const string Tools = """[{"type": "function", "function": {"name": "weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}}]""";

    private const string Template =
        "{% if tools %}{% for t in tools %}{{ t | tojson }}\n{% endfor %}{% endif %}{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}"
        + "{% for c in m.tool_calls %}{{ c.function.name }}{{ c.function.arguments | tojson }}{% endfor %}<|im_end|>\n{% endfor %}"
        + "{% if add_generation_prompt %}<|im_start|>assistant\n{% if enable_thinking is defined and not enable_thinking %}<think>\n\n</think>{% endif %}{% endif %}";

    private static readonly HuggingFaceTokenizer Tiny = HuggingFaceTokenizer.Load(Fixtures.TinyChatml);
    private readonly MLContext _ml = new(seed: 1);
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("""{"prompt": "weather?", "chosen": "a", "rejected": "b", "tools": TOOLS}""")]
    [InlineData("""{"prompt": "weather?", "chosen": "a", "rejected": "b", "tools": TEXT}""")]
    [InlineData("""{"conversations": [{"from": "human", "value": "weather?"}], "chosen": {"from": "gpt", "value": "a"}, "rejected": {"from": "gpt", "value": "b"}, "tools": TEXT}""")]
    [InlineData("""{"messages": [{"role": "user", "content": "weather?"}], "chosen": "a", "rejected": "b", "tools": TOOLS}""")]
    [InlineData("""{"prompt": "weather?", "responses": ["a", "b"], "scores": [1, 0], "tools": TOOLS}""")]
    [InlineData("""{"input": {"messages": [{"role": "user", "content": "weather?"}], "tools": TOOLS}, "preferred_output": [{"role": "assistant", "content": "a"}], "non_preferred_output": [{"role": "assistant", "content": "b"}]}""")]
    public void Load_ToolsOfARecord_ReachTheTemplate(string record)
    {
        var data = Load(record.Replace("TOOLS", Tools).Replace("TEXT", JsonValue.Create(Tools).ToJsonString()));
        var row = Assert.Single(Rows(data));
        Assert.Equal(Ids([User("weather?")], generation: true, JsonNode.Parse(Tools)), row.PromptTokens);
        int[] whole = [.. row.PromptTokens, .. row.ResponseTokens[..row.ResponseLengths[0]]];
        Assert.Equal(Ids([User("weather?"), Assistant("a")], generation: false, JsonNode.Parse(Tools)), whole);
    }

    [Fact]
    public void Transform_ToolsOfRowsFromMemory_ReachTheTemplateAndPromptsToo()
    {
        var pair = Assert.Single(Rows(_ml.Data.LoadFromEnumerable([new Pair { Prompt = "weather?", Chosen = "a", Rejected = "b", Tools = Tools }])));
        var prompt = Assert.Single(Prompts(_ml.Data.LoadFromEnumerable([new PromptRow { Prompt = "weather?", Tools = Tools }])));
        Assert.Equal(Ids([User("weather?")], generation: true, JsonNode.Parse(Tools)), pair.PromptTokens);
        Assert.Equal(pair.PromptTokens, prompt.PromptTokens);
    }

    [Theory]
    [InlineData("""{"name": "weather", "arguments": {"city": "Oslo"}}""")]
    [InlineData("""{"name": "weather", "arguments": "{\"city\": \"Oslo\"}"}""")]
    public void Load_ArgumentsAsObjectOrText_ReachTheTemplateAsObject(string call)
    {
        var record = new JsonObject
        {
            ["conversations"] = new JsonArray(new JsonObject { ["from"] = "human", ["value"] = "weather?" }),
            ["chosen"] = new JsonObject { ["from"] = "function_call", ["value"] = call },
            ["rejected"] = new JsonObject { ["from"] = "gpt", ["value"] = "b" },
        };
        var row = Assert.Single(Rows(Load(record.ToJsonString())));
        Assert.Equal("""weather{"city": "Oslo"}""", Tiny.Decode(row.ResponseTokens[..row.ResponseLengths[0]], skipSpecialTokens: true).Trim());
    }

    [SharedDataFact("fixtures/templates")]
    public void Transform_ToolsOfTheGoldenCases_GiveTheTokensOfTheRenderedText()
    {
        var folder = SharedData.PathTo("fixtures/templates");
        var cases = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "cases.json")))!.AsArray()
            .Where(line => line!["expected"] is not null && line["tools"] is JsonArray { Count: > 0 } && (bool)line["add_generation_prompt"]! && line["continue_final_message"] is null).ToList();
        Assert.True(cases.Count > 3);
        var begins = HuggingFaceTokenizer.Load(Named("null", bos: "<|begin_of_text|>"));
        var compared = 0;
        foreach (var line in cases)
        {
            var source = File.ReadAllText(Path.Combine(folder, $"{line!["template"]}.jinja"));
            var (messages, kwargs) = (line["messages"]!.AsArray(), line["kwargs"]?.DeepClone().AsObject() ?? []);
            var row = new PromptRow { Messages = messages.ToJsonString(), Tools = line["tools"]!.ToJsonString(), ChatTemplateArguments = kwargs.ToJsonString() };
            if (messages.Any(message => message!["content"] is JsonArray)) continue;
            var expected = ChatTemplate.Parse(source).Render(messages, new ChatTemplateOptions { AddGenerationPrompt = true, SpecialTokens = begins.SpecialTokens, Tools = line["tools"], Variables = kwargs });
            compared += expected == (string)line["expected"]! ? 1 : 0;
            try
            {
                Assert.Equal(Tiny.Encode(expected), Assert.Single(Prompts(_ml.Data.LoadFromEnumerable([row]), new() { ChatTemplate = source }, _folder["model"])).PromptTokens);
            }
            catch (PreferenceDataException e) when (e.Message.Contains("leaves out the tools"))
            {
                // It does so in truth.
                Assert.Equal(expected, ChatTemplate.Parse(source).Render(messages, new ChatTemplateOptions { AddGenerationPrompt = true, SpecialTokens = begins.SpecialTokens, Variables = kwargs }));
            }
            catch (PreferenceDataException e) when (e.Message.Contains("leaves out the tool calls"))
            {
                Assert.Contains(messages, message => message!["tool_calls"] is not null);
            }
        }
        Assert.True(compared > 0);
    }

    [Theory]
    [InlineData("""{"prompt": "q", "chosen": "a", "rejected": "b", "enable_thinking": false}""", true)]
    [InlineData("""{"prompt": "q", "chosen": "a", "rejected": "b", "enable_thinking": true}""", false)]
    [InlineData("""{"prompt": "q", "chosen": "a", "rejected": "b", "enable_thinking": null}""", false)]
    [InlineData("""{"prompt": "q", "chosen": "a", "rejected": "b", "chat_template_kwargs": {"enable_thinking": false, "other": null}}""", true)]
    [InlineData("""{"prompt": "q", "chosen": "a", "rejected": "b", "chat_template_kwargs": "{\"enable_thinking\": false}"}""", true)]
    public void Load_VariablesOfARecord_ReachTheTemplate(string record, bool writes)
    {
        var group = Assert.Single(Prompts(Only(Load(record))));
        Assert.Equal(writes, Tiny.Decode(group.PromptTokens).Contains("</think>"));
    }

    [Fact]
    public void Tokenize_VariablesAsOption_HoldForEveryRowThatSaysNothingElse()
    {
        var data = _ml.Data.LoadFromEnumerable([new PromptRow { Prompt = "q" }, new PromptRow { Prompt = "q", ChatTemplateArguments = """{"enable_thinking": true}""" }]);
        var rows = Prompts(data, new() { ChatTemplate = Template, ChatTemplateArguments = new() { ["enable_thinking"] = false } });
        Assert.Equal([true, false], rows.Select(row => Tiny.Decode(row.PromptTokens).Contains("</think>")));
    }

    [Theory]
    [InlineData("messages")]
    [InlineData("tools")]
    [InlineData("add_generation_prompt")]
    public void Tokenize_VariableInThePlaceOfAnother_IsRefused(string name)
    {
        var error = Assert.Throws<ArgumentException>(() => _ml.Preferences.Tokenize(Fixtures.TinyChatml, new PreferenceTokenizingEstimator.Options { ChatTemplateArguments = new() { [name] = true } }));
        Assert.StartsWith($"ChatTemplateArguments names {name}, which", error.Message);
        var data = Load("""{"prompt": "q", "chosen": "a", "rejected": "b", "chat_template_kwargs": {"NAME": true}}""".Replace("NAME", name));
        Assert.StartsWith($"'{_folder["rows.jsonl"]}', record 1, line 1: ChatTemplateArguments names {name}, which", Assert.Throws<PreferenceDataException>(() => Rows(data)).Message);
    }

    [Theory]
    [InlineData("\"tools\": 3", "'tools' is the number 3; expected a list of tools, or its JSON text")]
    [InlineData("\"tools\": \"weather\"", "'tools' is a text that is not JSON; expected a list of tools, or its JSON text")]
    [InlineData("\"tools\": \"{\\\"a\\\": 1}\"", "'tools' is the JSON text of something else; expected a list of tools")]
    [InlineData("\"enable_thinking\": \"no\"", "'enable_thinking' is a text; expected true or false")]
    [InlineData("\"enable_thinking\": true, \"chat_template_kwargs\": {\"enable_thinking\": false}", "'enable_thinking' is true, but false in 'chat_template_kwargs'")]
    [InlineData("\"chat_template_kwargs\": [1]", "'chat_template_kwargs' is a list; expected an object of variables")]
    public void Load_KeysOfAnotherKind_AreRefused(string keys, string message) => Assert.StartsWith(
        $"'{_folder["rows.jsonl"]}', record 1, line 1: {message}",
        Assert.Throws<PreferenceDataException>(() => Rows(Load("""{"prompt": "q", "chosen": "a", "rejected": "b", KEYS}""".Replace("KEYS", keys)))).Message);

    [Fact]
    public void Transform_ToolsThatTheTemplateLeavesOut_AreRefused()
    {
        var data = Load("""{"prompt": "q", "chosen": "a", "rejected": "b", "tools": TOOLS}""".Replace("TOOLS", Tools));
        var place = $"'{_folder["rows.jsonl"]}', record 1, line 1: ";
        Assert.StartsWith(place + "the chat template leaves out the tools;", Assert.Throws<PreferenceDataException>(() => Rows(data, new())).Message);
        Assert.StartsWith(place + "the row has tools, but no chat template is applied", Assert.Throws<PreferenceDataException>(() => Rows(data, new() { ApplyChatTemplate = false })).Message);
    }

    [Fact]
    public void Tokenize_NamedTemplates_AreChosenByNameAndByTools()
    {
        var folder = Named("""[{"name": "default", "template": DEFAULT}, {"name": "tool_use", "template": TOOLS}, {"name": "rag", "template": "{{ messages[0].content }} rag"}]""");
        var data = _ml.Data.LoadFromEnumerable([new PromptRow { Prompt = "q" }, new PromptRow { Prompt = "q", Tools = Tools }]);
        Assert.Equal(["q default", $"q{JsonNode.Parse(Tools)![0]!["function"]!["name"]}"], Prompts(data, new(), folder).Select(row => Tiny.Decode(row.PromptTokens)));
        var rag = _ml.Data.LoadFromEnumerable([new PromptRow { Prompt = "q" }]);
        Assert.Equal("q rag", Tiny.Decode(Assert.Single(Prompts(rag, new() { ChatTemplateName = "rag" }, folder)).PromptTokens));
    }

    [Fact]
    public void Tokenize_NamedTemplatesWithoutDefault_AreRefusedUntilOneIsChosen()
    {
        var folder = Named("""[{"name": "tool_use", "template": TOOLS}, {"name": "rag", "template": "{{ messages[0].content }} rag"}]""");
        Assert.Contains("named rag, tool_use, and none named default", Assert.Throws<InvalidDataException>(() => _ml.Preferences.Tokenize(folder)).Message);
        Assert.Equal(
            "ChatTemplateName is 'x'; the model's chat templates are named rag, tool_use.",
            Assert.Throws<ArgumentException>(() => _ml.Preferences.Tokenize(folder, new PreferenceTokenizingEstimator.Options { ChatTemplateName = "x" })).Message);
        Assert.Contains("both given", Assert.Throws<ArgumentException>(() => _ml.Preferences.Tokenize(folder, new PreferenceTokenizingEstimator.Options { ChatTemplateName = "rag", ChatTemplate = "x" })).Message);
        var data = _ml.Data.LoadFromEnumerable([new PromptRow { Prompt = "q" }]);
        Assert.Equal("q rag", Tiny.Decode(Assert.Single(Prompts(data, new() { ChatTemplateName = "rag" }, folder)).PromptTokens));
        Assert.Single(Prompts(data, new() { ApplyChatTemplate = false }, folder));
    }

    [Fact]
    public void Save_ChosenTemplateAndSettings_AreThereAfterLoading()
    {
        var folder = Named("""[{"name": "tool_use", "template": TOOLS}, {"name": "rag", "template": "{{ messages[0].content }} {{ style }}"}]""");
        var data = _ml.Data.LoadFromEnumerable([new PromptRow { Prompt = "<|im_end|>" }]);
        var options = new PreferenceTokenizingEstimator.Options { ChatTemplateName = "rag", ChatTemplateArguments = new() { ["style"] = "short" }, AllowControlTokens = true };
        AssertKept(_ml.Preferences.Tokenize(folder, options).Fit(data), data);
        _folder.Write("model/chat_template.jinja", Template);
        Directory.CreateDirectory(_folder["model/additional_chat_templates"]);
        _folder.Write("model/additional_chat_templates/tool_use.jinja", "{{ tools[0].function.name }}");
        _folder.Write("model/special_tokens_map.json", """{"bos_token": "<|im_start|>"}""");
        AssertKept(_ml.Preferences.Tokenize(folder).Fit(data), _ml.Data.LoadFromEnumerable([new PromptRow { Prompt = "q", Tools = Tools }]));
    }

    [Fact]
    public void Generate_ToolsAndVariables_ReachTheTemplate()
    {
        var options = new PreferenceTokenizingEstimator.Options { ChatTemplate = "{{ tools[0].function.name }}{{ style }}{{ messages[0].content }}" };
        var model = _ml.Preferences.LoadPretrained(Fixtures.Llama, Fixtures.TinyChatml, tokenizing: options);
        using var network = model.LastTransformer;
        network.Generation.MaxNewTokens = 4;
        string Answer(string style) => _ml.Preferences.Generate(model, new JsonArray(User("q")), null, JsonNode.Parse(Tools)!.AsArray(), new JsonObject { ["style"] = style });
        var plain = _ml.Preferences.LoadPretrained(Fixtures.Llama, Fixtures.TinyChatml, tokenizing: new() { ChatTemplate = "{{ messages[0].content }}" });
        using var same = plain.LastTransformer;
        same.Generation.MaxNewTokens = 4;
        Assert.Equal(_ml.Preferences.Generate(plain, "weather short q"), Answer(" short "));
        var error = Assert.Throws<PreferenceDataException>(() => _ml.Preferences.Generate(plain, new JsonArray(User("q")), null, JsonNode.Parse(Tools)!.AsArray()));
        Assert.StartsWith("Prompt 1: the chat template leaves out the tools", error.Message);
        Assert.StartsWith("chatTemplateArguments names tools, which", Assert.Throws<ArgumentException>(() =>
            _ml.Preferences.Generate(plain, new JsonArray(User("q")), null, null, new JsonObject { ["tools"] = 1 })).Message);
    }

    [Fact]
    public void Transform_EndTokenThatIsEmpty_IsRefusedForTraining()
    {
        var folder = Named("\"{% for m in messages %}{{ m.role }}: {{ m.content + eos_token }}\\n{% endfor %}\"", eos: "");
        var data = Load("""{"prompt": "q", "chosen": "a", "rejected": "b"}""");
        Assert.Contains("record 1, line 1: the chat template ends turns with eos_token, which is an empty text", Assert.Throws<PreferenceDataException>(() => Rows(data, new(), folder)).Message);
        Assert.Contains("names no eos token", Assert.ThrowsAny<Exception>(() => Rows(data, new() { ApplyChatTemplate = false }, folder)).Message);
    }

    private void AssertKept(ITransformer model, IDataView data)
    {
        _ml.Model.Save(model, data.Schema, _folder["model.zip"]);
        var loaded = _ml.Model.Load(_folder["model.zip"], out _);
        List<int[]> Ids(ITransformer from) => [.. _ml.Data.CreateEnumerable<Row>(from.Transform(data), reuseRowObject: false, ignoreMissingColumns: true).Select(row => row.PromptTokens)];
        Assert.Equal(Ids(model), Ids(loaded));
    }

    private string Named(string templates, string eos = "<|im_end|>", string bos = "<|im_start|>")
    {
        Directory.CreateDirectory(_folder["model"]);
        File.Copy(Path.Combine(Fixtures.TinyChatml, "tokenizer.json"), _folder["model/tokenizer.json"]);
        templates = templates.Replace("DEFAULT", "\"{{ messages[0].content }} default\"").Replace("TOOLS", "\"{{ messages[0].content }}{{ tools[0].function.name }}\"");
        _folder.Write("model/tokenizer_config.json", """{"bos_token": "BOS", "eos_token": "EOS", "chat_template": LIST}""".Replace("BOS", bos).Replace("EOS", eos).Replace("LIST", templates));
        return _folder["model"];
    }

    private IDataView Load(string record) => _ml.Preferences.Load(_folder.Write("rows.jsonl", record.ReplaceLineEndings(" ")));

    private IDataView Only(IDataView data) => _ml.Transforms.SelectColumns("Prompt", "Messages", "Tools", "ChatTemplateArguments").Fit(data).Transform(data);

    private List<Row> Rows(IDataView data, PreferenceTokenizingEstimator.Options? options = null, string? folder = null) => Prompts(data, options, folder);

    private List<Row> Prompts(IDataView data, PreferenceTokenizingEstimator.Options? options = null, string? folder = null) =>
        [.. _ml.Data.CreateEnumerable<Row>(
            _ml.Preferences.Tokenize(folder ?? Fixtures.TinyChatml, options ?? new() { ChatTemplate = Template }).Fit(data).Transform(data), reuseRowObject: false, ignoreMissingColumns: true)];

    private static int[] Ids(JsonNode?[] messages, bool generation, JsonNode? tools) => Tiny.Encode(ChatTemplate.Parse(Template).Render(
        new JsonArray(messages), new ChatTemplateOptions { AddGenerationPrompt = generation, SpecialTokens = Tiny.SpecialTokens, Tools = tools }));

    private static JsonObject User(string text) => new() { ["role"] = "user", ["content"] = text };

    private static JsonObject Assistant(string text) => new() { ["role"] = "assistant", ["content"] = text };

    private sealed class Pair
    {
        public string Prompt { get; set; } = "";

        public string Chosen { get; set; } = "";

        public string Rejected { get; set; } = "";

        public string Tools { get; set; } = "";
    }

    private sealed class PromptRow
    {
        public string Prompt { get; set; } = "";

        public string Messages { get; set; } = "";

        public string Tools { get; set; } = "";

        public string ChatTemplateArguments { get; set; } = "";
    }

    private sealed class Row
    {
        public int[] PromptTokens { get; set; } = [];

        public int[] ResponseTokens { get; set; } = [];

        public int[] ResponseLengths { get; set; } = [];
    }
}
