using MLNet.Dpo.Models;
using Xunit;
using static TorchSharp.torch;

namespace MLNet.Dpo.Tests.Models;

public class LanguageModelHeadTests
{
    private const int Rows = (2 * LanguageModelHead.ChunkRows) + 3; // two whole chunks and a piece
    private const int Vocabulary = 50;
    private const int Hidden = 12;

    [Fact]
    public void Score_SeveralChunks_EqualsTheFormulas()
    {
        using var scope = NewDisposeScope();
        var (head, hidden, targets) = Make(float32);
        var scores = head.Score(hidden, targets, withGradient: false);

        var logits = hidden.to(float64).mm(head.Weight.to(float64).t());
        var logps = logits.log_softmax(-1);
        AssertClose(logps.gather(1, targets.unsqueeze(1)).view(-1), scores.Logps);
        AssertClose((logps.exp() * logps).sum(-1).neg(), scores.Entropies);
        AssertClose(logits.mean([-1]), scores.MeanLogits);
        AssertClose(logits.argmax(-1).eq(targets), scores.IsTop1);
        Assert.Contains(1f, scores.IsTop1);
        Assert.Null(scores.HiddenGradient);
        Assert.Equal(scores.Logps, head.Logps(hidden, targets));
    }

    [Fact]
    public void Score_HiddenGradient_EqualsAutograd()
    {
        using var scope = NewDisposeScope();
        var (head, hidden, targets) = Make(float32);
        var direct = head.Score(hidden, targets, withGradient: true).HiddenGradient!;

        var leaf = hidden.clone().requires_grad_();
        Logps(head.Weight, leaf, targets).sum().backward();
        Assert.True(Tensors.Difference(leaf.grad!, direct) < 2e-6);
    }

    [Fact]
    public void AccumulateGradient_Twice_AddsAutogradsGradientOfTheWeight()
    {
        using var scope = NewDisposeScope();
        var (head, hidden, targets) = Make(float32);
        var coefficients = Tensors.Random(9, [Rows]);
        for (var i = 0; i < 2; i++) head.AccumulateGradient(hidden, targets, coefficients);

        var leaf = head.Weight.detach().clone().requires_grad_();
        (2 * (Logps(leaf, hidden, targets) * coefficients).sum()).backward();
        Assert.True(Tensors.Difference(leaf.grad!, head.Weight.grad!) < 1e-5);
    }

    [Fact]
    public void Score_LargeLogits_StaysFinite()
    {
        using var scope = NewDisposeScope();
        var (head, hidden, targets) = Make(float32);
        var scores = head.Score(hidden * 1e5, targets, withGradient: true);
        Assert.All(scores.Logps.Concat(scores.Entropies), value => Assert.True(float.IsFinite(value)));
        Assert.True(scores.HiddenGradient!.isfinite().all().item<bool>());
    }

    /// <summary>Where a token is nearly certain its gradient is small; taken as W[target] - softmax·W it would drown in bfloat16's rounding.</summary>
    [Fact]
    public void Score_NarrowType_KeepsFloat32StatisticsAndSmallGradients()
    {
        using var scope = NewDisposeScope();
        var (head, hidden, _) = Make(ScalarType.BFloat16);
        hidden = hidden * 16;
        var targets = head.Logits(hidden).argmax(-1);
        var scores = head.Score(hidden, targets, withGradient: true);

        var logits = head.Logits(hidden);
        Assert.Equal(float32, logits.dtype);
        AssertClose(logits.log_softmax(-1).gather(1, targets.unsqueeze(1)).view(-1), scores.Logps);
        Assert.Contains(scores.Logps, logp => logp > -1e-2);
        Assert.Equal(ScalarType.BFloat16, scores.HiddenGradient!.dtype);
        var exact = (nn.functional.one_hot(targets, Vocabulary) - logits.softmax(-1)).mm(head.Weight.to(float32));
        var errors = (scores.HiddenGradient.to(float32) - exact).norm(1) - (0.02 * exact.norm(1)); // each row's, beyond 2 % of its length
        Assert.All(errors.Values(), error => Assert.True(error < 1e-6, $"{error}"));
    }

    private static Tensor Logps(Tensor weight, Tensor hidden, Tensor targets) =>
        hidden.mm(weight.t()).log_softmax(-1).gather(1, targets.unsqueeze(1)).view(-1);

    private static (LanguageModelHead Head, Tensor Hidden, Tensor Targets) Make(ScalarType dtype)
    {
        var random = new Random(2);
        var targets = tensor(Enumerable.Range(0, Rows).Select(_ => (long)random.Next(Vocabulary)).ToArray());
        return (new LanguageModelHead(new Linear("lm_head", (Tensors.Random(1, [Vocabulary, Hidden]) * 2).to(dtype), null, new AdapterSwitch())), (Tensors.Random(3, [Rows, Hidden]) * 2).to(dtype), targets);
    }

    private static void AssertClose(Tensor expected, float[] actual) =>
        Assert.All(expected.Values().Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
}
