using static TorchSharp.torch;

namespace MLNet.Dpo.Models;

/// <summary>Where a model's weights come from: a checkpoint or a saved model.</summary>
internal interface IWeightSource
{
    /// <summary>The named weight, owned by the caller.</summary>
    /// <param name="name">Hugging Face's name, for example <c>model.norm.weight</c>.</param>
    /// <param name="shape">The shape that the configuration asks for; any other is an error.</param>
    /// <param name="dtype">The type to convert it to.</param>
    /// <param name="device">Where to put it.</param>
    Tensor Get(string name, long[] shape, ScalarType dtype, Device device);
}
