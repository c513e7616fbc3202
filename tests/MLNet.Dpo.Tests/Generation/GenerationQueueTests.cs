using MLNet.Dpo.DataViews;
using MLNet.Dpo.Generation;
using Xunit;

namespace MLNet.Dpo.Tests.Generation;

public class GenerationQueueTests
{
    private static readonly ChatTokenizer Tokenizer = new(HuggingFaceTokenizer.Load(Fixtures.TinyChatml));

    [Fact]
    public async Task Add_WhileTheModelRuns_JoinsTheNextBatch()
    {
        using var gate = new SemaphoreSlim(0);
        using var ended = new SemaphoreSlim(0);
        var batches = new List<GenerationRequest[]>();
        var queue = new GenerationQueue((adapter, take) =>
        {
            batches.Add([.. take((_, _) => true)]);
            ended.Release();
            gate.Wait();
        });
        GenerationRequest[] requests = [.. Enumerable.Range(0, 6).Select(i => Request(batchSize: i == 4 ? 4 : 9))];
        queue.Add(requests[0]);
        await ended.WaitAsync();
        foreach (var request in requests[1..]) queue.Add(request);
        requests[2].Abandon();
        gate.Release(9);
        await ended.WaitAsync();
        Assert.Equal([requests[0]], batches[0]);
        Assert.Equal([requests[1], requests[3], requests[4], requests[5]], batches[1]);
    }

    [Fact]
    public async Task Add_LessRoomThanRequests_AreAnsweredInTurn()
    {
        using var ended = new CountdownEvent(3);
        var sizes = new List<int>();
        using var start = new ManualResetEventSlim();
        var queue = new GenerationQueue((adapter, take) =>
        {
            start.Wait();
            var taken = take((count, _) => count <= 2);
            sizes.Add(taken.Count);
            foreach (var _ in taken) ended.Signal();
        });
        for (var i = 0; i < 3; i++) queue.Add(Request());
        start.Set();
        await Task.Run(ended.Wait);
        Assert.Equal([2, 1], sizes);
    }

    [Fact]
    public async Task Add_ModelDoesNotRun_TellsAllAndGoesOn()
    {
        var fails = true;
        var queue = new GenerationQueue((adapter, take) =>
        {
            if (fails) throw new InvalidOperationException("no");
            foreach (var request in take((_, _) => true)) request.Fail(new InvalidOperationException("yes"));
        });
        foreach (var expected in new[] { "no", "yes" })
        {
            var request = Request();
            queue.Add(request);
            Assert.Equal(expected, (await Assert.ThrowsAsync<InvalidOperationException>(async () => await request.Pieces.Completion)).Message);
            fails = false;
        }
    }

    [Fact]
    public async Task Add_OtherAdapters_AreAnsweredApart()
    {
        using var start = new ManualResetEventSlim();
        using var ended = new CountdownEvent(5);
        var batches = new List<string>();
        var queue = new GenerationQueue((adapter, take) =>
        {
            start.Wait();
            if (adapter == "bad") throw new InvalidOperationException("no");
            var taken = take((_, _) => true);
            batches.Add($"{adapter} {taken.Count} {taken.All(request => request.Adapter == adapter)}");
            foreach (var _ in taken) ended.Signal();
        });
        var bad = Request(adapter: "bad");
        GenerationRequest[] requests = [Request(), bad, Request(adapter: "x"), Request(), Request(adapter: "x"), Request()];
        foreach (var request in requests) queue.Add(request);
        start.Set();
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await bad.Pieces.Completion);
        await Task.Run(ended.Wait);
        Assert.Equal([" 3 True", "x 2 True"], batches);
    }

    private static GenerationRequest Request(int batchSize = 32, string? adapter = null) =>
        new([1], new GenerationOptions { BatchSize = batchSize }, new HashSet<int>(), new CompletionText(Tokenizer, []), adapter);
}
