using MLNet.Dpo.Adapters;
using MLNet.Dpo.Models;
using Xunit;
using static TorchSharp.torch;

namespace MLNet.Dpo.Tests.Models;

public sealed class AdapterDropoutTests : IDisposable
{
    private readonly IDisposable _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void Apply_Ones_DropsAShareAndKeepsTheMean()
    {
        var values = new AdapterDropout(1, 2).Apply(ones([200, 100]), 0.25, "q_proj").Values();
        Assert.All(values, value => Assert.True(value == 0 || Math.Abs(value - (1 / 0.75f)) < 1e-6));
        Assert.InRange(values.Count(value => value == 0) / 20000.0, 0.24, 0.26);
    }

    [Fact]
    public void Apply_SameStepMicroBatchAndProjection_DropsTheSame()
    {
        var x = ones([20, 10]);
        var first = Drop(1, 2, 3, "q");
        Assert.Equal(first, Drop(1, 2, 3, "q"));
        foreach (var other in new[] { Drop(2, 2, 3, "q"), Drop(1, 3, 3, "q"), Drop(1, 2, 4, "q"), Drop(1, 2, 3, "k") }) Assert.NotEqual(first, other);

        double[] Drop(int seed, int step, int micro, string name)
        {
            var dropout = new AdapterDropout(seed, step);
            dropout.Begin(micro);
            return dropout.Apply(x, 0.5, name).Values();
        }
    }

    [Fact]
    public void Forward_OutsideATrainingStep_DropsNothing()
    {
        var adapters = new AdapterSwitch();
        var linear = new Linear("q_proj", Tensors.Random(1, [3, 4]), null, adapters);
        using var lora = new LoraAdapter(Tensors.Random(2, [2, 4]), Tensors.Random(3, [3, 2]), 1) { Dropout = 0.5 };
        var x = Tensors.Random(5, [6, 4]);
        var whole = lora.Forward(linear, x).Values();
        using (adapters.Use(new AdapterDropout(1, 1))) Assert.NotEqual(whole, lora.Forward(linear, x).Values());
        Assert.Equal(whole, lora.Forward(linear, x).Values());
    }
}
