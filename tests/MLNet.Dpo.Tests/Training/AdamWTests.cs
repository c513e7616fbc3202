using MLNet.Dpo.Training;
using Xunit;
using static TorchSharp.torch;

namespace MLNet.Dpo.Tests.Training;

public class AdamWTests
{
    [Fact]
    public void Step_LoraPlus_BAndVectorsGoFaster()
    {
        using var scope = NewDisposeScope();
        var parameters = new[] { "x.lora_A.weight", "x.lora_B.weight", "x.lora_magnitude_vector", "lm_head.weight" }
            .Select(name => KeyValuePair.Create(name, zeros(name.EndsWith("vector", StringComparison.Ordinal) ? [2] : [1, 2]).requires_grad_())).ToList();
        using var optimizer = new AdamW(parameters, 4, new AdamWSettings(0.9, 0.999, 1e-8, 0));
        foreach (var (_, parameter) in parameters) parameter.grad = ones_like(parameter);
        optimizer.Step(0.01);
        Assert.Equal([0.01, 0.04, 0.04, 0.01], parameters.Select(p => -(double)p.Value.detach().Values()[0]), (a, b) => Math.Abs(a - b) < 1e-6);
    }
}
