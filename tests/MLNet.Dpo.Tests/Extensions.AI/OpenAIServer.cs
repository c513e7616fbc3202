using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;

namespace MLNet.Dpo.Tests.Extensions.AI;

/// <summary>A real HTTP server on loopback that speaks OpenAI's chat completions.</summary>
internal sealed class OpenAIServer : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly Func<JsonObject, int, (int Status, string Text, string Finish)> _answer;
    private readonly List<JsonObject> _requests = [];
    private int _open;

    /// <param name="answer">Gives status, text and finish reason for a request and its number, from 0.</param>
    public OpenAIServer(Func<JsonObject, int, (int Status, string Text, string Finish)> answer)
    {
        _answer = answer;
        Address = new Uri($"http://127.0.0.1:{FreePort()}/v1/");
        _listener.Prefixes.Add(Address.ToString());
        _listener.Start();
        _ = AcceptAsync();
    }

    public Uri Address { get; }

    /// <summary>The most requests that were open at a time.</summary>
    public int MostOpen { get; private set; }

    /// <summary>The requests in the order of their coming.</summary>
    public IReadOnlyList<JsonObject> Requests
    {
        get { lock (_requests) return [.. _requests]; }
    }

    public void Dispose() => _listener.Close();

    private async Task AcceptAsync()
    {
        try
        {
            while (true) _ = AnswerAsync(await _listener.GetContextAsync());
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        var request = (await JsonNode.ParseAsync(context.Request.InputStream))!.AsObject();
        int number;
        lock (_requests)
        {
            number = _requests.Count;
            _requests.Add(request);
            MostOpen = Math.Max(MostOpen, ++_open);
        }
        var (status, text, finish) = _answer(request, number);
        var body = status == 200
            ? new JsonObject
            {
                ["id"] = $"chatcmpl-{number}",
                ["object"] = "chat.completion",
                ["created"] = 1,
                ["model"] = (string)request["model"]!,
                ["choices"] = new JsonArray(new JsonObject { ["index"] = 0, ["finish_reason"] = finish, ["message"] = new JsonObject { ["role"] = "assistant", ["content"] = text } }),
                ["usage"] = new JsonObject { ["prompt_tokens"] = 1, ["completion_tokens"] = 1, ["total_tokens"] = 2 },
            }
            : new JsonObject { ["error"] = new JsonObject { ["message"] = text, ["type"] = "error" } };
        lock (_requests) _open--;
        var bytes = System.Text.Encoding.UTF8.GetBytes(body.ToJsonString());
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        await context.Response.OutputStream.WriteAsync(bytes);
        context.Response.Close();
    }

    private static int FreePort()
    {
        using var socket = new TcpListener(IPAddress.Loopback, 0);
        socket.Start();
        return ((IPEndPoint)socket.LocalEndpoint).Port;
    }
}
