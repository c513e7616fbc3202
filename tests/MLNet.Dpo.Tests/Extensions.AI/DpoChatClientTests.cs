using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.ML;
using Microsoft.ML.Data;
using Xunit;

namespace MLNet.Dpo.Tests.Extensions.AI;

/// <summary>A model as a chat client.</summary>
public sealed class DpoChatClientTests : IDisposable
{
    private static readonly GenerationOptions Short = new() { MaxNewTokens = 12 };

    private readonly MLContext _ml = new(seed: 1);
    private readonly TransformerChain<CausalLMTransformer> _model;
    private readonly DpoChatClient _client;

    public DpoChatClientTests()
    {
        _model = _ml.Preferences.LoadPretrained(Fixtures.Llama, Fixtures.TinyChatml);
        _client = new DpoChatClient(_ml, _model, new DpoChatClient.Options { Generation = Short });
    }

    public void Dispose()
    {
        _client.Dispose();
        _model.LastTransformer.Dispose();
    }

    [Fact]
    public async Task GetResponseAsync_Conversation_IsWhatGenerateGives()
    {
        ChatMessage[] messages = [new(ChatRole.User, "hi!"), new(ChatRole.Assistant, [new TextContent("Hi"), new TextContent("!")]), new(ChatRole.User, "bye")];
        var conversation = JsonNode.Parse("""[{"role":"system","content":"Be brief."},{"role":"user","content":"hi!"},{"role":"assistant","content":"Hi!"},{"role":"user","content":"bye"}]""")!.AsArray();
        var response = await _client.GetResponseAsync(messages, new ChatOptions { Instructions = "Be brief." });
        Assert.Equal(_ml.Preferences.Generate(_model, conversation, Short), response.Text);
        Assert.Equal((ChatFinishReason.Length, "model"), (response.FinishReason, response.ModelId));
        Assert.Equal(12, response.Usage!.OutputTokenCount);
        Assert.Equal(response.Usage.InputTokenCount + 12, response.Usage.TotalTokenCount);
        var updates = new List<ChatResponseUpdate>();
        await foreach (var update in _client.GetStreamingResponseAsync(messages, new ChatOptions { Instructions = "Be brief." })) updates.Add(update);
        Assert.True(updates.Count > 3);
        Assert.Equal(response.Text, string.Concat(updates));
        Assert.Equal(response.Usage.InputTokenCount, updates.ToChatResponse().Usage!.InputTokenCount);
    }

    [Fact]
    public async Task GetResponseAsync_Options_AreThoseOfGeneration()
    {
        var expected = _ml.Preferences.Generate(_model, "hi!", new GenerationOptions
        {
            MaxNewTokens = 30,
            Temperature = 0.75f,
            TopP = 0.5f,
            TopK = 20,
            FrequencyPenalty = 0.5,
            PresencePenalty = 0.25,
            Seed = 7,
        });
        var options = new ChatOptions { MaxOutputTokens = 30, Temperature = 0.75f, TopP = 0.5f, TopK = 20, FrequencyPenalty = 0.5f, PresencePenalty = 0.25f, Seed = 7, ModelId = "model", ToolMode = ChatToolMode.None };
        Assert.Equal(expected, (await _client.GetResponseAsync("hi!", options)).Text);
        options.StopSequences = [expected.Substring(10, 3)];
        var stopped = await _client.GetResponseAsync("hi!", options);
        Assert.Equal(expected[..expected.IndexOf(options.StopSequences[0], StringComparison.Ordinal)], stopped.Text);
        Assert.Equal(ChatFinishReason.Stop, stopped.FinishReason);
        options = new ChatOptions { RawRepresentationFactory = _ => new GenerationOptions { TopLogps = 2 }, MaxOutputTokens = 5 };
        var pieces = Assert.IsType<List<GeneratedPiece>>((await _client.GetResponseAsync("hi!", options)).RawRepresentation);
        Assert.Equal(5, pieces.Sum(piece => piece.TokenLogps.Count));
        Assert.All(pieces.SelectMany(piece => piece.TokenLogps), token => Assert.Equal(token.Id, token.Top[0].Id));
    }

    public static TheoryData<string> Unsupported => ["ModelId", "ConversationId", "Reasoning", "AllowMultipleToolCalls", "ToolMode", "AdditionalProperties", "chat_template_kwargs", "RawRepresentationFactory", "tool 'web_search'"];

    [Theory]
    [MemberData(nameof(Unsupported))]
    public async Task GetResponseAsync_OptionWithoutCounterpart_IsNamed(string name)
    {
        var options = name switch
        {
            "ModelId" => new ChatOptions { ModelId = "other" },
            "ConversationId" => new ChatOptions { ConversationId = "1" },
            "Reasoning" => new ChatOptions { Reasoning = new ReasoningOptions { Effort = ReasoningEffort.High } },
            "AllowMultipleToolCalls" => new ChatOptions { AllowMultipleToolCalls = false },
            "ToolMode" => new ChatOptions { ToolMode = ChatToolMode.RequireAny },
            "AdditionalProperties" => new ChatOptions { AdditionalProperties = new() { ["logit_bias"] = 1 } },
            "chat_template_kwargs" => new ChatOptions { AdditionalProperties = new() { ["chat_template_kwargs"] = "{}" } },
            "RawRepresentationFactory" => new ChatOptions { RawRepresentationFactory = _ => "?" },
            _ => new ChatOptions { Tools = [new HostedWebSearchTool()] },
        };
        Assert.Contains(name, (await Assert.ThrowsAsync<NotSupportedException>(() => _client.GetResponseAsync("hi!", options))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GetResponseAsync_WhatCannotBe_IsAnError()
    {
        await Assert.ThrowsAsync<ArgumentException>(() => _client.GetResponseAsync([]));
        await Assert.ThrowsAsync<ArgumentException>(() => _client.GetResponseAsync("hi!", new ChatOptions { TopP = 0.5f })); // greedy
        var picture = new ChatMessage(ChatRole.User, [new DataContent(new byte[] { 1 }, "image/png")]);
        Assert.Contains("DataContent", (await Assert.ThrowsAsync<NotSupportedException>(() => _client.GetResponseAsync([picture]))).Message, StringComparison.Ordinal);
        // This template does not write tools.
        var function = AIFunctionFactory.CreateDeclaration("f", "", JsonDocument.Parse("{}").RootElement);
        Assert.Contains("leaves out the tools", (await Assert.ThrowsAsync<PreferenceDataException>(() => _client.GetResponseAsync("hi!", new ChatOptions { Tools = [function] }))).Message, StringComparison.Ordinal);
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _client.GetResponseAsync("hi!", cancellationToken: cancelled.Token));
    }

    [Fact]
    public async Task GetResponseAsync_TwentyAtOnce_EachIsAsAlone()
    {
        // Few candidates: among a thousand, rounding alone exchanges neighbours.
        static ChatOptions Options(int i) => i % 2 == 0 ? new() : new() { Temperature = 1, TopK = 4, Seed = i };
        var alone = new List<string>();
        for (var i = 0; i < 20; i++) alone.Add((await _client.GetResponseAsync($"number {i}", Options(i))).Text);
        var together = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(() => _client.GetResponseAsync($"number {i}", Options(i)))));
        Assert.Equal(alone, together.Select(response => response.Text));
    }

    [Fact]
    public async Task GetResponseAsync_JsonFormats_AreHeldTo()
    {
        var schema = JsonDocument.Parse("""{"type":"object","properties":{"answer":{"enum":["yes","no"]}},"required":["answer"]}""").RootElement;
        var options = new ChatOptions { ResponseFormat = ChatResponseFormat.ForJsonSchema(schema), MaxOutputTokens = 60 };
        var answer = JsonNode.Parse((await _client.GetResponseAsync("hi!", options)).Text)!;
        Assert.Contains((string)answer["answer"]!, new[] { "yes", "no" });
        var any = new ChatOptions { ResponseFormat = ChatResponseFormat.Json, MaxOutputTokens = 60, Temperature = 1, Seed = 1 };
        Assert.IsType<JsonObject>(JsonNode.Parse((await _client.GetResponseAsync("hi!", any)).Text));
        options.ResponseFormat = ChatResponseFormat.ForJsonSchema(JsonDocument.Parse("""{"type":"string","pattern":"a"}""").RootElement);
        Assert.Contains("'pattern'", (await Assert.ThrowsAsync<ArgumentException>(() => _client.GetResponseAsync("hi!", options))).Message, StringComparison.Ordinal);
    }

    // The model is held to a call first, and says what it likes then.
    [Theory]
    [InlineData("ipython", """{"name":"add","parameters":{"a":1,"b":2}}""")]
    [InlineData("[TOOL_CALLS]", """[{"name":"add","arguments":{"a":1,"b":2}}]""")]
    public async Task UseFunctionInvocation_ModelCallsATool_GetsItsResult(string family, string call)
    {
        using var folder = new TemporaryFolder();
        foreach (var file in Directory.EnumerateFiles(Fixtures.TinyChatml)) File.Copy(file, folder[Path.GetFileName(file)]);
        File.WriteAllText(folder["chat_template.jinja"], $$$"""
            {% for m in messages %}<|im_start|>{{ m.role }} {{ m.content }}{% if m.tool_calls %}{{ m.tool_calls | tojson }}{% endif %}{% if m.role == 'tool' %} of {{ m.name }}{% endif %}<|im_end|>{% endfor %}{# {{{family}}} #}{% if tools %}{{ tools | tojson }}{% endif %}<|im_start|>assistant
            """);
        var model = _ml.Preferences.LoadPretrained(Fixtures.Llama, folder.Path);
        using var network = model.LastTransformer;
        using var client = new DpoChatClient(_ml, model).AsBuilder().UseFunctionInvocation().Build();
        var (asked, added) = (0, 0);
        var schema = new JsonObject { ["const"] = JsonNode.Parse(call) }.ToJsonString();
        var options = new ChatOptions
        {
            Tools = [AIFunctionFactory.Create((int a, int b) => $"{added = a + b}", "add", "Adds.")],
            RawRepresentationFactory = _ => asked++ == 0 ? new GenerationOptions { MaxNewTokens = 60, JsonSchema = schema } : new GenerationOptions { MaxNewTokens = 7 },
        };
        var response = await client.GetResponseAsync("1 + 2?", options);
        Assert.Equal((2, 3), (asked, added));
        Assert.Equal([ChatRole.Assistant, ChatRole.Tool, ChatRole.Assistant], response.Messages.Select(message => message.Role));
        Assert.Equal("add", Assert.IsType<FunctionCallContent>(Assert.Single(response.Messages[0].Contents)).Name);
        Assert.Equal("3", Assert.IsType<FunctionResultContent>(Assert.Single(response.Messages[1].Contents)).Result!.ToString());
        Assert.Equal(ChatFinishReason.Length, response.FinishReason);
    }

    [Fact]
    public async Task Dispose_WhileACallRuns_StopsItAndLeavesTheModel()
    {
        var client = new DpoChatClient(_ml, _model, new DpoChatClient.Options { Generation = new GenerationOptions { MaxNewTokens = 220 } });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var update in client.GetStreamingResponseAsync("hi!")) client.Dispose();
        });
        client.Dispose();
        Assert.Throws<ObjectDisposedException>(() => client.GetStreamingResponseAsync("hi!"));
        Assert.NotEmpty((await _client.GetResponseAsync("hi!")).Text);
    }

    [Fact]
    public void GetService_TellsWhatItIs()
    {
        IChatClient client = _client;
        Assert.Equal("model", client.GetService<ChatClientMetadata>()!.DefaultModelId);
        Assert.Same(_client, client.GetService<DpoChatClient>());
        Assert.Same(_model.LastTransformer, client.GetService<CausalLMTransformer>());
        Assert.Null(client.GetService<ITransformer>("key"));
    }

    [Fact]
    public async Task AddDpoChatModel_Provider_LoadsOnceAndFrees()
    {
        var services = new ServiceCollection().AddDpoChatModel(Path.Combine(Fixtures.Root, "samples", "models", "tiny-chat"));
        CausalLMTransformer network;
        using (var provider = services.BuildServiceProvider())
        {
            var client = provider.GetRequiredService<IChatClient>();
            Assert.Same(client, provider.GetRequiredService<DpoChatClient>());
            Assert.Equal("tiny-chat", client.GetService<ChatClientMetadata>()!.DefaultModelId);
            var response = await client.GetResponseAsync("hi!");
            Assert.NotEmpty(response.Text);
            Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
            network = client.GetService<CausalLMTransformer>()!;
        }
        Assert.Throws<ObjectDisposedException>(() => network.Complete([[1]], Short, 1, 0, default));
    }
}
