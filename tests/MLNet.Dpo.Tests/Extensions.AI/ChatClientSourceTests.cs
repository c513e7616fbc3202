using System.ClientModel;
using System.ClientModel.Primitives;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using Microsoft.ML;
using OpenAI;
using Xunit;

namespace MLNet.Dpo.Tests.Extensions.AI;

/// <summary>A chat service as a source of samples, over HTTP with OpenAI's own client.</summary>
public sealed class ChatClientSourceTests : IDisposable
{
    private static readonly string[] Prompts = ["hi!", "bye", "thanks"];

    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _ml = new(seed: 1);

    [Fact]
    public async Task Sample_AServiceOfOpenAIsApi_AnswersBesideAModel()
    {
        using var server = new OpenAIServer((request, _) => (200, $"{Said(request)} {request["seed"]}", "stop"));
        using var client = Client(server);
        var service = new ChatClientSource(client, new ChatClientSource.Options { ChatOptions = new ChatOptions { Temperature = 0.5f, MaxOutputTokens = 9 }, MaxParallelCalls = 2 });
        Assert.Equal("""tiny-gpt Temperature=0.5 {"model":"tiny-gpt","temperature":0.5,"max_tokens":9}""", $"{service.Name} {service.Settings}");
        var chain = _ml.Preferences.LoadPretrained(Fixtures.Llama, Fixtures.TinyChatml);
        var samples = await _ml.Preferences.SampleAsync([service, _ml.Preferences.Source(chain, new GenerationOptions { MaxNewTokens = 2 }, "own")], Prompts, new SamplingOptions { SamplesPerPrompt = 3, Seed = 1 });
        chain.LastTransformer.Dispose();
        Assert.Equal(Prompts, samples.Select(s => s.Prompt));
        Assert.All(samples, s => Assert.Equal([service.Name, service.Name, service.Name, "own", "own", "own"], s.Sources));
        Assert.All(samples, s => Assert.All(s.Responses.Take(3), r => Assert.StartsWith(s.Prompt + " ", r)));
        Assert.Equal(9, samples.SelectMany(s => s.Responses.Take(3)).Distinct().Count()); // a seed for each
        Assert.Equal(9, server.Requests.Count);
        Assert.InRange(server.MostOpen, 1, 2);
        Assert.All(server.Requests, r => Assert.Equal((0.5, 9), ((double)r["temperature"]!, (int)(r["max_completion_tokens"] ?? r["max_tokens"])!)));
    }

    [Fact]
    public void Sample_CallsFail_AreTriedAgainAndAResumedRunAsksForTheRestAlone()
    {
        var options = new SamplingOptions { SamplesPerPrompt = 2, Seed = 1, Path = _folder["samples.jsonl"] };
        using (var server = new OpenAIServer((_, number) => number < 3 ? (200, $"a{number}", "stop") : (500, "out of order", "")))
        using (var client = Client(server))
        {
            var error = Assert.Throws<HttpRequestException>(() => _ml.Preferences.Sample([Source(client)], Prompts, options));
            Assert.StartsWith("The source 'gpt' did not answer prompt 2 in 3 calls: ", error.Message);
            Assert.Equal(3 + 3, server.Requests.Count);
        }
        using (var server = new OpenAIServer((_, number) => number == 0 ? (429, "too many", "") : (200, $"b{number}", "stop")))
        using (var client = Client(server))
        {
            var samples = _ml.Preferences.Sample([Source(client)], Prompts, options);
            Assert.Equal(["a0", "a1", "a2", "b1", "b2", "b3"], samples.SelectMany(s => s.Responses));
            Assert.Equal(4, server.Requests.Count);
        }
    }

    [Fact]
    public void Sample_HalfAnAnswer_IsAnErrorUnlessAllowed()
    {
        using var server = new OpenAIServer((_, _) => (200, "it is", "length"));
        using var client = Client(server);
        Assert.Contains("ended with 'length'; raise MaxOutputTokens", Assert.Throws<HttpRequestException>(() => _ml.Preferences.Sample([Source(client)], ["hi!"])).Message);
        Assert.Equal(["it is"], _ml.Preferences.Sample([Source(client, incomplete: true)], ["hi!"], new SamplingOptions { SamplesPerPrompt = 1 })[0].Responses);
    }

    [Fact]
    public void Sample_AConversation_IsSentTurnByTurn()
    {
        using var server = new OpenAIServer((_, _) => (200, "ok", "stop"));
        using var client = Client(server);
        var one = new SamplingOptions { SamplesPerPrompt = 1 };
        JsonArray Conversation(string json) => JsonNode.Parse(json)!.AsArray();
        _ml.Preferences.Sample([Source(client)], [Conversation("""[{"role":"system","content":"Be brief."},{"role":"user","content":"hi"},{"role":"assistant","content":"hi"},{"role":"user","content":"bye"}]""")], one);
        Assert.Equal(["system", "user", "assistant", "user"], server.Requests.Single()["messages"]!.AsArray().Select(m => (string)m!["role"]!));
        Assert.Equal("Prompt 1, message 1 has the role 'tool'; expected system, developer, user or assistant.",
            Assert.Throws<PreferenceDataException>(() => _ml.Preferences.Sample([Source(client)], [Conversation("""[{"role":"tool","content":"x"}]""")], one)).Message);
        Assert.Contains("'name', which is not sent",
            Assert.Throws<PreferenceDataException>(() => _ml.Preferences.Sample([Source(client)], [Conversation("""[{"role":"user","content":"x","name":"n"}]""")], one)).Message);
    }

    public void Dispose() => _folder.Dispose();

    private static ChatClientSource Source(IChatClient client, bool incomplete = false) =>
        new(client, new ChatClientSource.Options { Name = "gpt", MaxParallelCalls = 1, MaxRetries = 2, RetryDelay = TimeSpan.Zero, AllowIncomplete = incomplete });

    // Its own retries would hide those of the source.
    private static IChatClient Client(OpenAIServer server) =>
        new OpenAIClient(new ApiKeyCredential("none"), new OpenAIClientOptions { Endpoint = server.Address, RetryPolicy = new ClientRetryPolicy(0) }).GetChatClient("tiny-gpt").AsIChatClient();

    private static string Said(JsonObject request) => request["messages"]![0]!["content"] is JsonValue text ? (string)text! : (string)request["messages"]![0]!["content"]![0]!["text"]!;
}
