using System.Text.RegularExpressions;
using static TorchSharp.torch;

namespace MLNet.Dpo.Models;

/// <summary>Turns a device option into a device.</summary>
internal static partial class DeviceChoice
{
    /// <summary>The first CUDA device where there is one, else the CPU.</summary>
    internal const string Auto = "auto";

    internal static void Check(string device)
    {
        if (device != Auto && !DeviceName().IsMatch(device ?? ""))
            throw new ArgumentException($"Device is '{device}'; allowed: auto, cpu, cuda, cuda:n.");
    }

    internal static Device Resolve(string device)
    {
        Check(device);
        if (device == Auto) return new Device(cuda.is_available() ? "cuda" : "cpu");
        var chosen = new Device(device);
        if (chosen.type == TorchSharp.DeviceType.CUDA && cuda.device_count() <= Math.Max(0, chosen.index))
            throw new ArgumentException($"Device is '{device}' but libtorch sees {cuda.device_count()} CUDA devices; use cpu or auto, or install a CUDA build of libtorch.");
        return chosen;
    }

    [GeneratedRegex("^(cpu|cuda(:[0-9]{1,2})?)$")]
    private static partial Regex DeviceName();
}
