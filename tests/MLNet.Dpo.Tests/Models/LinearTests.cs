using MLNet.Dpo.Adapters;
using MLNet.Dpo.Models;
using Xunit;
using static TorchSharp.torch;

namespace MLNet.Dpo.Tests.Models;

public sealed class LinearTests : IDisposable
{
    private readonly IDisposable _scope = NewDisposeScope();
    private readonly AdapterSwitch _switch = new();
    private readonly Linear _linear;
    private readonly Tensor _x = Tensors.Random(3, [5, 4]);

    public LinearTests() => _linear = new Linear("layer.q_proj", Tensors.Random(1, [3, 4]), Tensors.Random(2, [3]), _switch);

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void Forward_NoAdapter_IsTheProductWithBias() =>
        Assert.True(Tensors.Difference(_x.mm(_linear.Weight.t()) + Tensors.Random(2, [3]), _linear.Forward(_x)) < 1e-6);

    [Fact]
    public void Forward_PolicyAndReference_UseTheirOwnAdapters()
    {
        using LoraAdapter policy = Lora(10), reference = Lora(20);
        (_linear.Adapter, _linear.ReferenceAdapter) = (policy, reference);
        AssertForward(policy);
        using (_switch.Use(AdapterState.Reference))
        {
            AssertForward(reference);
            using (_switch.Use(AdapterState.Policy)) AssertForward(policy);
            AssertForward(reference);
            _linear.ReferenceAdapter = null;
            Assert.Equal(_linear.Project(_x).Values(), _linear.Forward(_x).Values());
        }
        AssertForward(policy);
    }

    [Fact]
    public void Forward_AdapterThatScalesTheBase_SeesTheProjection()
    {
        using var doubling = new Doubling();
        _linear.Adapter = doubling;
        Assert.True(Tensors.Difference(_linear.Project(_x) * 2, _linear.Forward(_x)) < 1e-6);
    }

    private void AssertForward(LoraAdapter adapter)
    {
        var expected = _linear.Project(_x) + (0.5 * _x.mm(adapter.A.t()).mm(adapter.B.t()));
        Assert.True(Tensors.Difference(expected, _linear.Forward(_x)) < 1e-6);
    }

    private static LoraAdapter Lora(int seed) => new(Tensors.Random(seed, [2, 4]), Tensors.Random(seed + 1, [3, 2]), 0.5);

    /// <summary>Not a sum of base and update, as DoRA is not.</summary>
    private sealed class Doubling : IAdapter
    {
        public IReadOnlyList<KeyValuePair<string, Tensor>> Parameters => [];

        public string Settings => "doubling";

        public Tensor Forward(Linear projection, Tensor x) => projection.Project(x).mul_(2);

        public Tensor Merge(Tensor weight) => weight * 2;

        public IAdapter Frozen() => new Doubling();

        public void Dispose()
        {
        }
    }
}
