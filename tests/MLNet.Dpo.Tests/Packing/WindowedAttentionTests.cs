using MLNet.Dpo.Models;
using MLNet.Dpo.Packing;
using Xunit;
using static TorchSharp.torch;

namespace MLNet.Dpo.Tests.Packing;

/// <summary>Windows and soft caps over packed rows and over the cache, against every row's scores written out in float64.</summary>
public sealed class WindowedAttentionTests : IDisposable
{
    private const int Heads = 4; // those of the random Llama
    private const int KeyValueHeads = 2;
    private const int HeadDim = 16;

    private readonly IDisposable _scope = NewDisposeScope();
    private readonly CausalLM _model = Fixtures.LoadLlama();

    public void Dispose()
    {
        _model.Dispose();
        _scope.Dispose();
    }

    [Theory]
    [InlineData(1, null)]
    [InlineData(5, null)]
    [InlineData(100, null)]
    [InlineData(130, null)]
    [InlineData(null, 1.5)]
    [InlineData(7, 1.5)]
    public void Attend_PackedRowsWithSharedPrompts_EqualsEveryRowsFormula(int? window, double? softCap)
    {
        var settings = new AttentionSettings(Window: window, SoftCap: softCap);
        var groups = Groups();
        using var batch = new PackedBatch(groups, _model);
        var (q, k, v) = Projected((int)batch.Tokens.size(0));
        Assert.True(Tensors.Difference(Naive(q, k, v, Visible(groups, window), softCap), batch.Pattern.Attend(0, settings, q, k, v)) < 5e-6);
    }

    [Fact]
    public void Attend_WindowAsLongAsTheRows_ChangesNoBit()
    {
        using var batch = new PackedBatch(Groups(), _model);
        var (q, k, v) = Projected((int)batch.Tokens.size(0));
        double[] Attend(int? window) => batch.Pattern.Attend(0, new AttentionSettings(Window: window), q, k, v).Values();
        Assert.Equal(Attend(null), Attend(305)); // 6 of a prompt, 299 of its longest response
        Assert.Equal(Attend(null), Attend(int.MaxValue));
        Assert.NotEqual(Attend(null), Attend(304));
    }

    [Theory]
    [InlineData(3, null)]
    [InlineData(8, 1.5)]
    [InlineData(null, null)]
    public void AppendAndAttend_GrowingSequences_EqualsEveryRowsFormula(int? window, double? softCap)
    {
        var settings = new AttentionSettings(Window: window, SoftCap: softCap);
        int[] lengths = [2, 9, 5];
        const int Steps = 70; // beyond the columns that the cache begins with
        var (q, k, v) = Projected(lengths.Length * 80);
        Tensor Of(Tensor x, int row) => x.narrow(0, row * 80, lengths[row] + Steps);
        using var cache = new KeyValueCache(_model, lengths);
        for (var row = 0; row < lengths.Length; row++) cache.Fill(0, row, Of(k, row).narrow(0, 0, lengths[row]), Of(v, row).narrow(0, 0, lengths[row]));

        var expected = lengths.Select((length, row) => Naive(Of(q, row), Of(k, row), Of(v, row), (i, j) => j <= i && !(i - j >= window), softCap)).ToArray();
        for (var step = 0; step < Steps; step++)
        {
            cache.Advance();
            Tensor Newest(Tensor x) => stack(lengths.Select((length, row) => Of(x, row)[length + step]));
            var attended = cache.AppendAndAttend(0, settings, Newest(q), Newest(k), Newest(v));
            Assert.True(Tensors.Difference(stack(expected.Select((rows, row) => rows[lengths[row] + step])), attended) < 5e-6);
        }
    }

    [Fact]
    public void AppendAndAttend_WindowAsLongAsTheRows_ChangesNoBit()
    {
        var (q, k, v) = Projected(1);
        float[] Attend(int? window)
        {
            using var cache = new KeyValueCache(_model, [6]);
            var (prompt, values) = (Tensors.Random(8, [6, KeyValueHeads, HeadDim]), Tensors.Random(9, [6, KeyValueHeads, HeadDim]));
            cache.Fill(0, 0, prompt, values);
            cache.Advance();
            return cache.AppendAndAttend(0, new AttentionSettings(Window: window), q, k, v).data<float>().ToArray();
        }
        Assert.Equal(Attend(null), Attend(7));
        Assert.NotEqual(Attend(null), Attend(6));
    }

    // Lone and shared prompts; the longer sequences are cut into several blocks.
    private static List<TokenGroup> Groups()
    {
        var random = new Random(4);
        int[] Ids(int count) => Fixtures.Tokens(random, count, count + 1);
        return
        [
            new TokenGroup(Ids(6), [Ids(300), Ids(4), Ids(140)]),
            new TokenGroup(Ids(150), [Ids(20), Ids(12)]),
            new TokenGroup([], [Ids(9)]),
            new TokenGroup(Ids(3), []),
        ];
    }

    private static (Tensor Q, Tensor K, Tensor V) Projected(int rows) =>
        (Tensors.Random(1, [rows, Heads, HeadDim]) * 6, Tensors.Random(2, [rows, KeyValueHeads, HeadDim]) * 6, Tensors.Random(3, [rows, KeyValueHeads, HeadDim]));

    // Who sees whom, from where each row stands: a group, the prompt or a response in it, and a position.
    private static Func<int, int, bool> Visible(IReadOnlyList<TokenGroup> groups, int? window)
    {
        var places = new List<(int Group, int Response, int Position)>();
        foreach (var (number, group) in groups.Index())
        {
            places.AddRange(group.Prompt.Select((_, i) => (number, -1, i)));
            foreach (var (response, tokens) in group.Responses.Index())
                places.AddRange(tokens[..^1].Select((_, i) => (number, response, group.Prompt.Length + i)));
        }
        return (row, key) =>
        {
            var (r, k) = (places[row], places[key]);
            return r.Group == k.Group && (k.Response == -1 || k.Response == r.Response) && k.Position <= r.Position && !(r.Position - k.Position >= window);
        };
    }

    private static Tensor Naive(Tensor q, Tensor k, Tensor v, Func<int, int, bool> visible, double? softCap)
    {
        var rows = (int)q.size(0);
        var hidden = tensor(Enumerable.Range(0, rows * rows).Select(i => !visible(i / rows, i % rows)).ToArray(), [rows, rows]);
        Tensor Wide(Tensor x) => x.to(float64).repeat_interleave(Heads / x.size(1), 1).transpose(0, 1); // [heads, rows, D]
        var scores = Wide(q).matmul(Wide(k).transpose(1, 2)) / Math.Sqrt(HeadDim);
        if (softCap is { } cap) scores = (scores / cap).tanh() * cap;
        return scores.masked_fill(hidden, double.NegativeInfinity).softmax(-1).matmul(Wide(v)).transpose(0, 1).reshape(rows, -1);
    }
}
