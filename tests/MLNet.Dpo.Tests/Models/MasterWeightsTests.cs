using MLNet.Dpo.Models;
using Xunit;
using static TorchSharp.torch;

namespace MLNet.Dpo.Tests.Models;

public class MasterWeightsTests
{
    [Fact]
    public void CollectGradients_SmallBesideLarge_AreSummedUpUnrounded()
    {
        var before = Tensors.Settled();
        using (NewDisposeScope())
        using (var masters = new MasterWeights())
        {
            var master = tensor(new[] { 1f, 1f });
            var copy = masters.Add(master, ScalarType.BFloat16);
            masters.RecordGradients(true);
            foreach (var gradient in new[] { 256f, 0.5f, 0.5f }) // bfloat16 has no 256.5
            {
                autograd.backward([copy], [tensor(new[] { gradient, 0f }, ScalarType.BFloat16)]);
                masters.CollectGradients();
                Assert.Null(copy.grad);
            }
            Assert.Equal([257, 0], master.grad!.Values());
            masters.RecordGradients(false);
            Assert.Null(master.grad);
        }
        Assert.Equal(before, Tensors.Settled());
    }

    [Fact]
    public void Refresh_ChangeBelowTheNarrowTypesStep_IsKeptAndSeenWhenItHasGrown()
    {
        using var scope = NewDisposeScope();
        using var masters = new MasterWeights();
        var master = tensor(new[] { 1f });
        var copy = masters.Add(master, ScalarType.BFloat16);
        var seen = new List<double>();
        for (var step = 0; step < 8; step++)
        {
            master.add_(tensor(new[] { 1f / 1024 }));
            masters.Refresh();
            seen.Add(copy.Values()[0]);
        }
        Assert.Equal(1, seen[0]);
        Assert.Equal(1 + (1.0 / 128), seen[^1]); // bfloat16's next number after 1
    }
}
