using MLNet.Dpo.Adapters;
using MLNet.Dpo.Models;
using Xunit;
using static TorchSharp.torch;

namespace MLNet.Dpo.Tests.Adapters;

public sealed class LoraAdapterTests : IDisposable
{
    private readonly IDisposable _scope = NewDisposeScope();
    private readonly Linear _linear = new("layer.q_proj", Tensors.Random(1, [3, 4]), null, new AdapterSwitch());

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void Merge_Weight_GivesWhatForwardGives()
    {
        using var lora = Make();
        var (x, weight) = (Tensors.Random(5, [6, 4]), _linear.Weight.Values());
        Assert.True(Tensors.Difference(lora.Forward(_linear, x), x.mm(lora.Merge(_linear.Weight).t())) < 1e-6);
        Assert.Equal(weight, _linear.Weight.Values());
    }

    [Fact]
    public void Forward_NarrowInput_StaysNarrowAndTrainsFloat32()
    {
        using var lora = Make();
        var linear = new Linear("layer.q_proj", _linear.Weight.to(ScalarType.BFloat16), null, new AdapterSwitch());
        foreach (var (_, parameter) in lora.Parameters) parameter.requires_grad_();
        var x = Tensors.Random(5, [6, 4]);

        var y = lora.Forward(linear, x.to(ScalarType.BFloat16));
        y.sum().backward();

        Assert.Equal(ScalarType.BFloat16, y.dtype);
        Assert.True(Tensors.Difference(lora.Forward(_linear, x), y) < 0.02);
        Assert.All(lora.Parameters, parameter => Assert.Equal(float32, parameter.Value.grad!.dtype));
        Assert.Equal(float32, lora.Merge(linear.Weight).dtype);
    }

    [Fact]
    public void Frozen_LaterChange_IsNotSeen()
    {
        using var lora = Make();
        lora.B.requires_grad_();
        using var frozen = (LoraAdapter)lora.Frozen();
        var before = frozen.B.Values();
        using (no_grad()) lora.B.add_(1);
        Assert.Equal(before, frozen.B.Values());
        Assert.False(frozen.B.requires_grad);
        Assert.Equal(lora.Settings, frozen.Settings);
    }

    [Fact]
    public void Settings_OtherScale_IsAnother()
    {
        using LoraAdapter a = Make(0.5), b = Make(0.25);
        Assert.NotEqual(a.Settings, b.Settings);
    }

    [Theory]
    [InlineData("lora_A.weight")]
    [InlineData("lora_B.weight")]
    public void Create_OneMatrixMissing_NamesBoth(string only)
    {
        var error = Assert.Throws<InvalidDataException>(() => Create((only, [2, 4])));
        Assert.Contains("file: the adapter of layer.q_proj has " + only, error.Message, StringComparison.Ordinal);
        Assert.Contains("lora_A.weight and lora_B.weight", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Create_TensorOfAnotherKind_IsNotIgnored() =>
        Assert.Contains("lora_magnitude_vector", Assert.Throws<InvalidDataException>(() => Create((LoraAdapter.AName, [2, 4]), (LoraAdapter.BName, [3, 2]), ("lora_magnitude_vector", [3]))).Message, StringComparison.Ordinal);

    [Fact]
    public void Create_OtherShapes_SaysWhatTheBaseNeeds() =>
        Assert.Contains("need [2, 4] and [3, 2], so use", Assert.Throws<InvalidDataException>(() => Create((LoraAdapter.AName, [2, 5]), (LoraAdapter.BName, [3, 2]))).Message, StringComparison.Ordinal);

    [Fact]
    public void Initialize_Pattern_GivesTheModuleItsOwnRankAndScale()
    {
        var config = new AdapterConfig(2, 8, false, new Dictionary<string, double> { ["q_proj"] = 1 }, new Dictionary<string, double> { ["q_proj"] = 3 });
        using var adapter = (LoraAdapter)config.Initialize(_linear, new Random(1));
        Assert.Equal([1, 4], adapter.A.shape);
        Assert.Equal("lora, scale 3", adapter.Settings);
        Assert.All(adapter.A.Values(), value => Assert.InRange(value, -0.5, 0.5)); // 1/√4
        Assert.All(adapter.B.Values(), value => Assert.Equal(0, value));
    }

    private void Create(params (string Name, long[] Shape)[] tensors) =>
        AdapterConfig.From(new LoraOptions { Rank = 2 }).Create(_linear, tensors.ToDictionary(t => t.Name, t => Tensors.Random(1, t.Shape)), "file").Dispose();

    private static LoraAdapter Make(double scale = 0.5) => new(Tensors.Random(2, [2, 4]), Tensors.Random(3, [3, 2]), scale);
}
