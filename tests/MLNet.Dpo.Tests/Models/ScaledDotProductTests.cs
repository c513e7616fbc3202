using MLNet.Dpo.Models;
using Xunit;
using static TorchSharp.torch;

namespace MLNet.Dpo.Tests.Models;

public class ScaledDotProductTests
{
    [Theory]
    [InlineData(null, null)]
    [InlineData(0.7, null)]
    [InlineData(null, 2.0)]
    [InlineData(3.0, 0.5)]
    public void Attend_ScaleAndSoftCap_EqualTheFormula(double? scale, double? cap)
    {
        using var scope = NewDisposeScope();
        var (q, k, v) = (Tensors.Random(1, [2, 3, 4, 8]) * 4, Tensors.Random(2, [2, 3, 6, 8]) * 4, Tensors.Random(3, [2, 3, 6, 8]));
        var mask = full([4, 6], float.NegativeInfinity).triu(3);

        var attended = ScaledDotProduct.Attend(q, k, v, mask, new AttentionSettings(Scale: scale, SoftCap: cap));

        var scores = q.to(float64).matmul(k.to(float64).transpose(-2, -1)) * (scale ?? 1 / Math.Sqrt(8));
        if (cap is { } c) scores = (scores / c).tanh() * c;
        Assert.True(Tensors.Difference((scores + mask).softmax(-1).matmul(v.to(float64)), attended) < 2e-6);
    }

    [Fact]
    public void Attend_SoftCap_HasAutogradsGradient()
    {
        using var scope = NewDisposeScope();
        var settings = new AttentionSettings(SoftCap: 2);
        Tensor[] wide = [.. Enumerable.Range(1, 3).Select(seed => (Tensors.Random(seed, [1, 1, 3, 4]) * 4).requires_grad_())];
        ScaledDotProduct.Attend(wide[0], wide[1], wide[2], zeros(3, 3), settings).square().sum().backward();

        // The slope along the gradient itself, by central differences.
        double Loss(double step)
        {
            Tensor[] moved = [.. wide.Select(x => x.detach().to(float64) + (step * x.grad!.to(float64)))];
            var scores = (moved[0].matmul(moved[1].transpose(-2, -1)) / 2 / 2).tanh() * 2;
            return scores.softmax(-1).matmul(moved[2]).square().sum().item<double>();
        }
        var slope = (Loss(1e-5) - Loss(-1e-5)) / 2e-5;
        Assert.Equal(slope, wide.Sum(x => x.grad!.square().sum().item<float>()), Math.Abs(slope) * 1e-4);
    }
}
