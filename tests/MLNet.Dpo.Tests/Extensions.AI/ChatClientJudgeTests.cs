using System.Text.RegularExpressions;
using Microsoft.Extensions.AI;
using Microsoft.ML;
using MLNet.Dpo.ExtensionsAI;
using MLNet.Dpo.Tests.Labeling;
using Xunit;

namespace MLNet.Dpo.Tests.Extensions.AI;

/// <summary>The judge over chat clients that answer by rule: biased, malformed and faulty ones too.</summary>
public sealed partial class ChatClientJudgeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task CompareAsync_FairJudge_PrefersTheBetterInEitherOrder()
    {
        var judge = new ChatClientJudge(new FakeClient(Shorter));
        Assert.Equal(Verdict.A, await judge.CompareAsync("p", "a", "bbb"));
        Assert.Equal(Verdict.B, await judge.CompareAsync("p", "aaa", "b"));
        Assert.Equal(Verdict.Tie, await judge.CompareAsync("p", "aa", "bb"));
        Assert.Equal(Verdict.Tie, await judge.CompareAsync("p", "same", "same"));
        Assert.Equal((6, 3, 0), (judge.Usage.Calls, judge.Usage.Comparisons, judge.Usage.Inconsistent));
        Assert.Equal((6 * 10, 6 * 2), (judge.Usage.InputTokens, judge.Usage.OutputTokens));
    }

    [Fact]
    public async Task CompareAsync_JudgeThatGoesByPosition_OrdersNothing()
    {
        var judge = new ChatClientJudge(new FakeClient((_, _) => "A"));
        Assert.Equal([0.5f, 0.5f, 0.5f], await judge.ScoreAsync("p", ["a", "bb", "ccc"]));
        Assert.Equal((3, 3), (judge.Usage.Comparisons, judge.Usage.Inconsistent));
        Assert.EndsWith("3 comparisons, 3 of them changed with the order", judge.Usage.ToString());
    }

    [Fact]
    public async Task ScoreAsync_Responses_AreSharesOfWins() =>
        Assert.Equal([1, 0.5f, 0], await new ChatClientJudge(new FakeClient(Shorter)).ScoreAsync("p", ["a", "bb", "ccc"]));

    [Theory]
    [InlineData("A", "A")]
    [InlineData(" \"b\". ", "B")]
    [InlineData("**TIE**", "Tie")]
    [InlineData("A is better than B", null)]
    [InlineData("A or B", null)]
    [InlineData("", null)]
    public void Parse_Reply_IsStrict(string reply, string? expected) => Assert.Equal(expected, JudgePrompt.Parse(reply)?.ToString());

    [Fact]
    public async Task CompareAsync_MalformedAndFaultyCalls_AreRepeatedAndCounted()
    {
        var client = new FakeClient(Shorter) { Faults = new Queue<Func<string>>([() => "Well, I think A.", () => throw new HttpRequestException("busy")]) };
        var judge = new ChatClientJudge(client, new JudgeOptions { RetryDelay = TimeSpan.Zero, MaxParallelCalls = 1 });
        Assert.Equal(Verdict.A, await judge.CompareAsync("p", "a", "bbb"));
        Assert.Equal((4, 1, 1), (judge.Usage.Calls, judge.Usage.MalformedReplies, judge.Usage.FailedCalls));
    }

    [Fact]
    public async Task CompareAsync_JudgeThatNeverObeys_SaysWhatItSaid()
    {
        var malformed = new ChatClientJudge(new FakeClient((_, _) => "I cannot say."), new JudgeOptions { MaxRetries = 1 });
        Assert.Equal("The judge gave no verdict in 2 attempts: the last reply was 'I cannot say.', expected A, B or TIE alone; take a model that follows instructions, or show it examples. Verdicts so far are kept in memory.",
            (await Assert.ThrowsAsync<JudgeException>(() => malformed.CompareAsync("p", "a", "b"))).Message);
        var failing = new ChatClientJudge(new FakeClient((_, _) => throw new HttpRequestException("no route")), new JudgeOptions { MaxRetries = 0 });
        Assert.Contains("the last call failed: no route", (await Assert.ThrowsAsync<JudgeException>(() => failing.CompareAsync("p", "a", "b"))).Message);
    }

    [Fact]
    public async Task Cache_AfterAKill_GoesOnWhereItStopped()
    {
        var options = new JudgeOptions { CachePath = _folder["verdicts.jsonl"] };
        await new ChatClientJudge(new FakeClient(Shorter), options).ScoreAsync("p", ["a", "bb", "ccc"]);
        var lines = File.ReadAllLines(options.CachePath);
        Assert.Equal(6, lines.Length);
        File.WriteAllText(options.CachePath, string.Join('\n', lines[..4]) + "\n" + lines[4][..20]); // the process died in the fifth line

        var again = new ChatClientJudge(new FakeClient(Shorter), options);
        Assert.Equal([1, 0.5f, 0], await again.ScoreAsync("p", ["a", "bb", "ccc"]));
        Assert.Equal((2, 4), (again.Usage.Calls, again.Usage.CachedVerdicts));
        var third = new ChatClientJudge(new FakeClient(Shorter), options);
        await third.ScoreAsync("p", ["a", "bb", "ccc"]);
        Assert.Equal(0, third.Usage.Calls);
        var other = new ChatClientJudge(new FakeClient(Shorter), new JudgeOptions { CachePath = options.CachePath, Criterion = "Prefer the longer answer." });
        await other.ScoreAsync("p", ["a", "bb"]);
        Assert.Equal((2, 0), (other.Usage.Calls, other.Usage.CachedVerdicts));
    }

    [Fact]
    public async Task ScoreAsync_View_IsBoundedAndAgreesWithPeople()
    {
        var ml = new MLContext(seed: 1);
        var labels = LabeledRows.Labels(ml, [.. Enumerable.Range(0, 12).Select(i => new LabeledRows.Labelled { Prompt = $"p{i}", Responses = ["short", $"much longer {i}"], Scores = i < 9 ? [1, 0] : [0, 1] })]);
        var client = new FakeClient(Shorter) { IsSlow = true };
        var judge = new ChatClientJudge(client, new JudgeOptions { MaxParallelCalls = 3 });
        var scored = await judge.ScoreAsync(ml, labels);
        Assert.Equal(24, judge.Usage.Calls);
        Assert.InRange(client.MostAtATime, 1, 3);
        var agreement = ml.Preferences.Agreement(labels, judge.AsScorer(ml).Fit(labels));
        Assert.Equal((0.75, 12, "judge"), (agreement.Accuracy, agreement.Labels, agreement.Scorer));
        Assert.Equal(24, judge.Usage.Calls);
        Assert.StartsWith("No pairs are built: the scores are what judge says", Assert.Throws<ArgumentException>(() => ml.Preferences.MakePairs(scored)).Message);
    }

    [Fact]
    public async Task CompareAsync_Examples_AreShownBeforeTheQuestion()
    {
        var client = new FakeClient(Shorter);
        var judge = new ChatClientJudge(client, new JudgeOptions { Criterion = "Be brief.", Examples = [new JudgeExample("q", "x", "yyy", Verdict.A), new JudgeExample("q", "x", "z", Verdict.Tie)] });
        await judge.CompareAsync("p", "a", "bbb");
        Assert.Equal(["system", "user", "assistant", "user", "assistant", "user"], client.LastMessages.Select(message => message.Role.Value));
        Assert.Contains("Be brief.", client.LastMessages[0].Text);
        Assert.Equal(["A", "TIE"], client.LastMessages.Where(message => message.Role == ChatRole.Assistant).Select(message => message.Text));
    }

    [Fact]
    public async Task CompareAsync_Cancelled_Stops()
    {
        using var cancellation = new CancellationTokenSource();
        cancellation.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new ChatClientJudge(new FakeClient(Shorter)).CompareAsync("p", "a", "b", cancellation.Token));
    }

    private static string Shorter(string a, string b) => a.Length < b.Length ? "A" : a.Length > b.Length ? "B" : "TIE";

    [Fact]
    public async Task WinRate_ByTheJudge_AsksItOnceInEachOrder()
    {
        var ml = new MLContext(seed: 1);
        using var model = ml.Preferences.LoadPretrained(Fixtures.Llama, Fixtures.TinyChatml, "cpu");
        using var other = ml.Preferences.LoadPretrained(Fixtures.Llama, Fixtures.TinyChatml, "cpu");
        other.LastTransformer.Generation = new GenerationOptions { MaxNewTokens = 2 };
        model.LastTransformer.Generation = new GenerationOptions { MaxNewTokens = 9 };
        var judge = new ChatClientJudge(new FakeClient(Shorter));
        var rate = await ml.Preferences.WinRateAsync(model, other, ["Hi!", "Why?"], judge.AskAsync);
        Assert.Equal((2, 0, 0), (rate.Wins, rate.Losses, rate.Inconsistent));
        Assert.Equal(4, judge.Usage.Calls);

        var byPosition = await ml.Preferences.WinRateAsync(model, other, ["Hi!", "Why?"], new ChatClientJudge(new FakeClient((_, _) => "A")).AskAsync);
        Assert.Equal((0, 0, 2), (byPosition.Wins, byPosition.Losses, byPosition.Inconsistent));
    }

    private sealed partial class FakeClient(Func<string, string, string> judge) : IChatClient
    {
        private int _now;

        public Queue<Func<string>> Faults { get; init; } = [];

        public bool IsSlow { get; init; }

        public int MostAtATime { get; private set; }

        public IReadOnlyList<ChatMessage> LastMessages { get; private set; } = [];

        public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
        {
            var now = Interlocked.Increment(ref _now);
            lock (Faults) MostAtATime = Math.Max(MostAtATime, now);
            if (IsSlow) await Task.Delay(2, cancellationToken);
            Interlocked.Decrement(ref _now);
            LastMessages = [.. messages];
            var question = Answers().Match(LastMessages[^1].Text);
            var fault = Faults.Count > 0 ? Faults.Dequeue() : null;
            var reply = fault is null ? judge(question.Groups[1].Value, question.Groups[2].Value) : fault();
            return new ChatResponse(new ChatMessage(ChatRole.Assistant, reply)) { Usage = new UsageDetails { InputTokenCount = 10, OutputTokenCount = 2 } };
        }

        public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }

        [GeneratedRegex(@"<answer_a>\n(.*)\n</answer_a>\n<answer_b>\n(.*)\n</answer_b>", RegexOptions.Singleline)]
        private static partial Regex Answers();
    }
}
