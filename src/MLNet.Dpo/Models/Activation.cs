using MLNet.Dpo.Arithmetic;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Dpo.Models;

/// <summary>The nonlinearity of an MLP, under transformers' names.</summary>
internal sealed class Activation
{
    private static readonly Scalar Half = 0.5, One = 1, Cubic = 0.044715, Slope = Math.Sqrt(2 / Math.PI), Quick = 1.702;

    private static readonly Dictionary<string, Func<Tensor, Tensor>> Known = new(StringComparer.Ordinal)
    {
        ["silu"] = x => nn.functional.silu(x),
        ["swish"] = x => nn.functional.silu(x),
        ["gelu"] = x => nn.functional.gelu(x),
        ["gelu_python"] = x => nn.functional.gelu(x),
        ["gelu_new"] = TanhGelu,
        ["gelu_fast"] = TanhGelu,
        ["gelu_accurate"] = TanhGelu,
        ["gelu_pytorch_tanh"] = TanhGelu,
        ["gelu_python_tanh"] = TanhGelu,
        ["quick_gelu"] = x => x.mul(x.mul(Quick).sigmoid()),
        ["relu"] = x => nn.functional.relu(x),
        ["relu2"] = x => nn.functional.relu(x).Squared(),
        ["tanh"] = x => x.tanh(),
        ["sigmoid"] = x => x.sigmoid(),
        ["linear"] = x => x,
    };

    private readonly Func<Tensor, Tensor> _function;

    private Activation(string name) => (Name, _function) = (name, Known[name]);

    /// <summary>The name.</summary>
    internal string Name { get; }

    /// <summary>All names, for messages.</summary>
    internal static string Names => string.Join(", ", Known.Keys);

    /// <summary>Whether there is one of this name.</summary>
    internal static bool IsKnown(string name) => Known.ContainsKey(name);

    /// <summary>The one of a name that is known.</summary>
    internal static Activation Of(string name) => new(name);

    /// <summary>f(x), of the same shape.</summary>
    internal Tensor Forward(Tensor x) => _function(x);

    // The tanh approximation: x/2 · (1 + tanh(√(2/π) · (x + 0.044715 x³))).
    private static Tensor TanhGelu(Tensor x) => x.mul(Half).mul(x.Plus(x.Squared().mul(x).mul(Cubic)).mul(Slope).tanh().Plus(One));
}
