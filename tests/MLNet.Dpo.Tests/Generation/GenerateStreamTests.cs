using System.Text.Json.Nodes;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Dpo.DataViews;
using Xunit;

namespace MLNet.Dpo.Tests.Generation;

public sealed class GenerateStreamTests : IDisposable
{
    private readonly MLContext _ml = new(seed: 1);
    private readonly TransformerChain<CausalLMTransformer> _model;

    public GenerateStreamTests() => _model = _ml.Preferences.LoadPretrained(Fixtures.Llama, Fixtures.TinyChatml);

    public void Dispose() => _model.LastTransformer.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task GenerateStreamAsync_AnyPrompt_PiecesAreWhatGenerateGives(double temperature)
    {
        foreach (var prompt in new[] { "hi!", "bye", "😀" })
        {
            var options = new GenerationOptions { MaxNewTokens = 60, Temperature = temperature, Seed = 3 };
            var expected = _ml.Preferences.Generate(_model, prompt, options);
            var pieces = await All(_ml.Preferences.GenerateStreamAsync(_model, prompt, options));
            Assert.Equal(expected, string.Concat(pieces));
            Assert.Equal(FinishReason.Length, pieces[^1].Reason);
            Assert.Equal(60, pieces[^1].CompletionTokens);
            Assert.All(pieces[..^1], piece => Assert.Null(piece.Reason));
            Assert.True(pieces.Count > 10);
            options.StopStrings = [expected.Substring(expected.Length / 2, 3)];
            pieces = await All(_ml.Preferences.GenerateStreamAsync(_model, prompt, options));
            Assert.Equal(_ml.Preferences.Generate(_model, prompt, options), string.Concat(pieces));
            Assert.Equal(FinishReason.Stop, pieces[^1].Reason);
        }
    }

    [Fact]
    public async Task GenerateStreamAsync_ManyAtOnce_EachIsAsAlone()
    {
        (string Prompt, GenerationOptions Options)[] calls = [.. Enumerable.Range(0, 20).Select(i => ($"number {i}", new GenerationOptions { MaxNewTokens = 4 + i, Temperature = i % 3, TopK = i % 3 == 0 ? 0 : 4, Seed = i, StopStrings = i % 2 == 0 ? [] : ["e"] }))];
        var together = await Task.WhenAll(calls.Select(call => Task.Run(() => All(_ml.Preferences.GenerateStreamAsync(_model, call.Prompt, call.Options)))));
        Assert.Equal(calls.Select(call => _ml.Preferences.Generate(_model, call.Prompt, call.Options)), together.Select(pieces => string.Concat(pieces)));
    }

    [Fact]
    public async Task GenerateStreamAsync_ReaderStopsOrCancels_OthersGoOn()
    {
        var options = new GenerationOptions { MaxNewTokens = 200 };
        var expected = _ml.Preferences.Generate(_model, "hi!", options);
        using var cancellation = new CancellationTokenSource();
        var whole = Task.Run(() => All(_ml.Preferences.GenerateStreamAsync(_model, "hi!", options)));
        var broken = Task.Run(async () =>
        {
            await foreach (var piece in _ml.Preferences.GenerateStreamAsync(_model, "hi!", options)) return piece.Text;
            return "";
        });
        var cancelled = Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var piece in _ml.Preferences.GenerateStreamAsync(_model, "hi!", options, cancellation.Token)) cancellation.Cancel();
        });
        Assert.Equal(expected, string.Concat(await whole));
        Assert.StartsWith(await broken, expected, StringComparison.Ordinal);
        await cancelled;
        Assert.Equal(expected, string.Concat(await All(_ml.Preferences.GenerateStreamAsync(_model, "hi!", options))));
    }

    [Fact]
    public async Task GenerateStreamAsync_CancelledBefore_NeverRuns()
    {
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => All(_ml.Preferences.GenerateStreamAsync(_model, "hi!", cancellation: new CancellationToken(true))));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => All(_ml.Preferences.GenerateStreamAsync(_model, "hi!", new GenerationOptions { CancellationToken = new CancellationToken(true) })));
    }

    [Fact]
    public async Task GenerateStreamAsync_WhatCannotBe_IsAnErrorAtTheCallOrForItAlone()
    {
        Assert.Contains("NumBeams is 2", Assert.Throws<ArgumentException>(() => _ml.Preferences.GenerateStreamAsync(_model, "hi!", new GenerationOptions { NumBeams = 2 })).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => _ml.Preferences.GenerateStreamAsync(_model, "hi!", new GenerationOptions { TopP = 2 }));
        Assert.Throws<PreferenceDataException>(() => _ml.Preferences.GenerateStreamAsync(_model, new JsonArray()));
        await Assert.ThrowsAsync<ArgumentException>(() => All(_ml.Preferences.GenerateStreamAsync(_model, "hi!", new GenerationOptions { StopTokenIds = [9999] })));
        var bad = Task.Run(() => All(_ml.Preferences.GenerateStreamAsync(_model, "hi!", new GenerationOptions { MaxNewTokens = 50, SuppressTokens = [.. Enumerable.Range(0, _model.LastTransformer.Model.Network.Config.VocabSize)] })));
        var good = Task.Run(() => All(_ml.Preferences.GenerateStreamAsync(_model, "hi!", new GenerationOptions { MaxNewTokens = 50 })));
        Assert.Contains("No token is left", (await Assert.ThrowsAsync<InvalidOperationException>(() => bad)).Message, StringComparison.Ordinal);
        Assert.Equal(50, (await good)[^1].CompletionTokens);
        var longPrompt = string.Concat(Enumerable.Repeat("hello ", 2000));
        await Assert.ThrowsAsync<PreferenceDataException>(() => All(_ml.Preferences.GenerateStreamAsync(_model, longPrompt)));
        Assert.Equal(FinishReason.LongPrompt, Assert.Single(await All(_ml.Preferences.GenerateStreamAsync(_model, longPrompt, new GenerationOptions { OnLongPrompt = LongPromptHandling.Skip }))).Reason);
        _model.LastTransformer.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => All(_ml.Preferences.GenerateStreamAsync(_model, "hi!")));
    }

    [Fact]
    public async Task TopLogps_AreThoseOfTheModel_AndChangeNothing()
    {
        var options = new GenerationOptions { MaxNewTokens = 30, Temperature = 1, Seed = 5 };
        var plain = _ml.Preferences.Sample(_model, ["hi!"], options, 3)[0];
        Assert.Empty(plain.TokenLogps);
        options.TopLogps = 4;
        var told = _ml.Preferences.Sample(_model, ["hi!"], options, 3)[0];
        Assert.Equal(plain.Responses, told.Responses);
        Assert.All(told.TokenLogps, tokens => Assert.Equal(30, tokens.Count));
        Assert.All(told.TokenLogps.SelectMany(tokens => tokens), token =>
        {
            Assert.Equal(4, token.Top.Count);
            Assert.Equal(token.Top.OrderByDescending(other => other.Logp).ThenBy(other => other.Id).Select(other => other.Id), token.Top.Select(other => other.Id));
            Assert.True(token.Logp <= token.Top[0].Logp && token.Top.Sum(other => Math.Exp(other.Logp)) <= 1);
        });
        var pieces = await All(_ml.Preferences.GenerateStreamAsync(_model, "hi!", options));
        Assert.Equal(told.TokenLogps[0].Select(token => token.Id), pieces.SelectMany(piece => piece.TokenLogps).Select(token => token.Id));

        // The same as when a response is scored.
        var network = _model.LastTransformer;
        var prompt = network.ChatTokenizer.Encode("hello", false).ToArray();
        var completed = network.Complete([prompt], options, 1, 0, default)[0];
        var engine = new MLNet.Dpo.Generation.RowScorer(network.Model.Network, network.Scoring, () => { });
        var scored = engine.Logps([new TokenizedRow(new TokenizedGroup(prompt, [completed[0].Tokens]), [])], MLNet.Dpo.Models.AdapterState.Policy)[0][0];
        Assert.Equal(scored, completed[0].Logps.Sum(token => token.Logp), 1e-3);
    }

    private static async Task<List<GeneratedPiece>> All(IAsyncEnumerable<GeneratedPiece> pieces)
    {
        var all = new List<GeneratedPiece>();
        await foreach (var piece in pieces) all.Add(piece);
        return all;
    }
}
