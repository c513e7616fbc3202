using MLNet.Dpo.Generation;
using MLNet.Dpo.Models;
using MLNet.Dpo.Packing;
using MLNet.Dpo.Training;
using Xunit;
using static TorchSharp.torch;

namespace MLNet.Dpo.Tests.Generation;

public class TokenGeneratorTests
{
    private static readonly int[][] Prompts = [[1, 50, 60], [1, 7, 8, 9, 10, 11, 12], [400], [3, 4, 5, 6, 500]];

    [Theory]
    [InlineData(-1)]
    [InlineData(1_000_000)]
    public void Generate_StopTokenOutsideTheVocabulary_IsAnError(int id)
    {
        using var model = Fixtures.LoadLlama();
        var error = Assert.Throws<ArgumentException>(() => new TokenGenerator(model, new GenerationOptions { StopTokenIds = [id] }, []));
        Assert.Contains($"StopTokenIds has {id}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Generate_Greedy_EqualsRunningTheWholeSequenceEveryTime()
    {
        using var model = Fixtures.LoadLlama();
        var generated = new TokenGenerator(model, new GenerationOptions { MaxNewTokens = 100 }, []).Ids(Prompts);
        Assert.All(Prompts.Zip(generated), pair => Assert.Equal(Uncached(model, pair.First, 100), pair.Second));
    }

    [Fact]
    public void Generate_Sampled_DoesNotDependOnTheBatch()
    {
        using var model = Fixtures.LoadLlama();
        var options = new GenerationOptions { MaxNewTokens = 12, Temperature = 1, TopK = 50, Seed = 5 };
        var together = new TokenGenerator(model, options, []).Ids(Prompts, samples: 3);
        var alone = Prompts.SelectMany((p, i) => new TokenGenerator(model, options, []).Ids([p], samples: 3, firstRow: i * 3)).ToList();
        Assert.Equal(alone, together);
    }

    [Fact]
    public void Generate_SameSeed_GivesTheSameTokens_OtherSeedOthers()
    {
        using var model = Fixtures.LoadLlama();
        int[][] Sample(int seed) => [.. new TokenGenerator(model, new GenerationOptions { MaxNewTokens = 20, Temperature = 1, Seed = seed }, []).Ids(Prompts)];
        Assert.Equal(Sample(1), Sample(1));
        Assert.NotEqual(Sample(1), Sample(2));
    }

    [Fact]
    public void Generate_NoSeed_DrawsAfreshAtEachCall()
    {
        using var model = Fixtures.LoadLlama();
        int[][] Sample() => [.. new TokenGenerator(model, new GenerationOptions { MaxNewTokens = 20, Temperature = 1 }, []).Ids(Prompts)];
        Assert.NotEqual(Sample(), Sample());
    }

    [Fact]
    public void Generate_ContextIsFull_EndsTheCompletion()
    {
        using var model = Fixtures.LoadLlama();
        var context = model.Config.MaxPositionEmbeddings;
        int[] prompt = [.. Enumerable.Range(0, context - 3).Select(i => 3 + (i % 900))];
        Assert.Equal(3, new TokenGenerator(model, new GenerationOptions { MaxNewTokens = 20 }, []).Ids([prompt])[0].Length);
    }

    [Fact]
    public void Generate_StopToken_EndsTheCompletionAndIsLeftOut()
    {
        using var model = Fixtures.LoadLlama();
        var free = new TokenGenerator(model, new GenerationOptions { MaxNewTokens = 20 }, []).Ids([Prompts[0]])[0];
        var stop = free[6];
        var stopped = new TokenGenerator(model, new GenerationOptions { MaxNewTokens = 20, StopTokenIds = [stop] }, []).Ids([Prompts[0]])[0];
        Assert.Equal(free[..Array.IndexOf(free, stop)], stopped);
    }

    [Fact]
    public void Generate_Ends_SayWhy()
    {
        using var model = Fixtures.LoadLlama();
        var context = model.Config.MaxPositionEmbeddings;
        int[] full = [.. Enumerable.Range(0, context - 3).Select(i => 3 + (i % 900))];
        var free = new TokenGenerator(model, new GenerationOptions { MaxNewTokens = 20 }, []).Ids([Prompts[0]])[0];
        FinishReason Reason(int[] prompt, int stop = 1) => new TokenGenerator(model, new GenerationOptions { MaxNewTokens = 20, StopTokenIds = [stop] }, []).Completions([prompt])[0].Reason;
        Assert.Equal(FinishReason.Stop, Reason(Prompts[0], free[6]));
        Assert.Equal(FinishReason.Length, Reason(Prompts[0], Enumerable.Range(3, 100).Except(free).First()));
        Assert.Equal(FinishReason.Context, Reason(full));
        var told = new TokenGenerator(model, new GenerationOptions { MaxNewTokens = 20 }, [], ids => ids.Count == 4).Completions([Prompts[0]])[0];
        Assert.Equal((4, FinishReason.Stop), (told.Ids.Length, told.Reason));
    }

    [Fact]
    public void Generate_MoreThanMemoryHolds_IsAnErrorBeforeItIsTaken()
    {
        using var model = Fixtures.LoadLlama();
        var error = Assert.Throws<ArgumentException>(() => new TokenGenerator(model, new GenerationOptions { BatchSize = int.MaxValue }, []).Ids(Prompts, samples: int.MaxValue));
        Assert.Contains("lower BatchSize", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Generate_Cancelled_Throws()
    {
        using var model = Fixtures.LoadLlama();
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.Throws<OperationCanceledException>(() => new TokenGenerator(model, new GenerationOptions(), []).Ids(Prompts, cancellation: cancelled.Token));
    }

    private static int[] Uncached(CausalLM model, int[] prompt, int count)
    {
        using var noGrad = no_grad();
        var tokens = prompt.ToList();
        for (var i = 0; i < count; i++)
        {
            using var scope = NewDisposeScope();
            using var batch = new PackedBatch([new PreferenceExample(0, [.. tokens], [], [])], model);
            var hidden = model.Forward(batch.Tokens, batch.Positions, batch.Pattern);
            tokens.Add((int)model.Head.Logits(hidden.narrow(0, tokens.Count - 1, 1)).argmax(-1).item<long>());
        }
        return [.. tokens.Skip(prompt.Length)];
    }
}
