using MLNet.Dpo.Models;
using MLNet.Dpo.Packing;
using MLNet.Dpo.Training;
using Xunit;
using static TorchSharp.torch;

namespace MLNet.Dpo.Tests.Packing;

/// <summary>Packing, sharing prompts and leaving out padding change no number.</summary>
public class PackingTests
{
    private const double Tolerance = 2e-5;

    [Fact]
    public void Run_SharedPrompt_EqualsSeparatePrompts()
    {
        using var model = Fixtures.LoadLlama();
        var random = new Random(3);
        var row = new PreferenceExample(0, Fixtures.Tokens(random, 5, 9), [.. Enumerable.Range(0, 4).Select(_ => Fixtures.Tokens(random, 1, 9))], [4, 3, 2, 1]);

        var shared = Logps(model, [row]);
        var separate = row.Responses.SelectMany(response => Logps(model, [row with { Responses = [response], Scores = [1] }])).ToArray();

        AssertClose(separate, shared);
    }

    [Fact]
    public void Run_FrontsCut_EqualsEachResponseAlone()
    {
        using var model = Fixtures.LoadLlama();
        var random = new Random(5);
        var prompt = Fixtures.Tokens(random, 140, 141);
        var cut = new PreferenceExample(0, prompt, [Fixtures.Tokens(random, 3, 4), Fixtures.Tokens(random, 150, 151), Fixtures.Tokens(random, 2, 3)], [3, 2, 1]) { PromptStarts = [4, prompt.Length, 0] };

        var alone = cut.Responses.Select((response, i) => i == 1 ? PlainLogp(model, response[..1], response[1..]) : PlainLogp(model, prompt[cut.PromptStarts[i]..], response));

        var rows = Fixtures.Pairs(2);
        AssertClose([.. Logps(model, [rows[0]]), .. alone, .. Logps(model, [rows[1]])], Logps(model, [rows[0], cut, rows[1]]));
        Assert.Equal([3, 149, 2], cut.ScoredLengths);
        using var batch = new PackedBatch([cut], model);
        Assert.Equal(cut.PackedTokens, batch.Tokens.numel());
    }

    [Fact]
    public void Run_RowsPackedTogether_EqualsEachAlone()
    {
        using var model = Fixtures.LoadLlama();
        var rows = Fixtures.Pairs(7);

        var together = Logps(model, rows);
        var alone = rows.SelectMany(row => Logps(model, [row])).ToArray();

        AssertClose(alone, together);
    }

    [Fact]
    public void Run_PackedRows_EqualsLogSoftmaxOfWholeSequences()
    {
        using var model = Fixtures.LoadLlama();
        var rows = Fixtures.Pairs(3);

        var expected = rows.SelectMany(row => row.Responses.Select(response => PlainLogp(model, row.Prompt, response))).ToArray();

        AssertClose(expected, Logps(model, rows));
    }

    [Fact]
    public void Run_EmptyPrompt_LeavesFirstTokenUnscored()
    {
        using var model = Fixtures.LoadLlama();
        int[] response = [5, 6, 7];

        var logps = Logps(model, [new PreferenceExample(0, [], [response], [1])]);

        AssertClose([PlainLogp(model, [5], [6, 7])], logps);
    }

    private static double[] Logps(CausalLM model, IReadOnlyList<PreferenceExample> rows)
    {
        using var scope = NewDisposeScope();
        using var batch = new PackedBatch(rows, model);
        return [.. ScoredBatch.Logps(model, batch).Select(tokens => tokens.Sum(logp => (double)logp))];
    }

    private static double PlainLogp(CausalLM model, int[] prompt, int[] response)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        int[] all = [.. prompt, .. response];
        using var batch = new PackedBatch([new PreferenceExample(0, all, [], [])], model);
        var logps = model.Head.Logits(model.Forward(batch.Tokens, batch.Positions, batch.Pattern)).log_softmax(-1);
        return Enumerable.Range(prompt.Length, response.Length).Sum(i => (double)logps.select(0, i - 1).select(0, all[i]).item<float>());
    }

    private static void AssertClose(double[] expected, double[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), pair => Assert.True(Math.Abs(pair.First - pair.Second) <= Tolerance * (1 + Math.Abs(pair.First)), $"{pair.First} against {pair.Second}"));
    }
}
