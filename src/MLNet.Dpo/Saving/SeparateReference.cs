using MLNet.Dpo.Models;
using static TorchSharp.torch;

namespace MLNet.Dpo.Saving;

/// <summary>
/// A reference model that is not the tuned network without its adapter: the base of a model all of whose weights were trained, or a model of one's own. It is loaded when
/// it is first asked for, so that only who scores rewards pays for it, and must have the weights that the training saw.
/// </summary>
/// <param name="path">Its folder, as it is or as it was stored.</param>
/// <param name="zipFolder">The folder of the zip that names it; null without one.</param>
/// <param name="fingerprint">Its <see cref="ModelFingerprint.OfBase"/>.</param>
/// <param name="device">Where it runs.</param>
/// <param name="dtype">What it computes in: what the tuned network does.</param>
internal sealed class SeparateReference(string path, string? zipFolder, string fingerprint, Device device, ScalarType dtype) : IDisposable
{
    private CausalLM? _network;

    /// <summary>The folder as it was given.</summary>
    internal string Path => path;

    internal string Fingerprint => fingerprint;

    /// <summary>Whether it had a folder when the model was made or loaded; without one there are no rewards.</summary>
    internal bool IsThere { get; } = BaseFolder.IsThere(path, zipFolder);

    /// <summary>The folder for another zip: where it lies, if it does.</summary>
    internal string Found => BaseFolder.Places(path, zipFolder).FirstOrDefault(OpenedWeights.IsThere) ?? path;

    /// <summary>The model.</summary>
    /// <exception cref="DirectoryNotFoundException">It is not there any more.</exception>
    /// <exception cref="InvalidDataException">It is not the one that the training saw.</exception>
    internal CausalLM Network => _network ??= BaseFolder.Find("reference model", path, zipFolder, Load);

    public void Dispose() => _network?.Dispose();

    private CausalLM? Load(string folder)
    {
        var network = ModelFolder.Load(folder, device, dtype);
        if (ModelFingerprint.IsBase(network, folder, fingerprint)) return network;
        network.Dispose();
        return null;
    }
}
