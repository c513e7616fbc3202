using System.Text.RegularExpressions;
using static TorchSharp.torch;

namespace MLNet.Dpo.Models;

/// <summary>Turns a device option into a device, and sets the threads that CPU operations use.</summary>
internal static partial class DeviceChoice
{
    internal static void Check(string device)
    {
        if (device != TrainingOptions.AutoDevice && !DeviceName().IsMatch(device ?? ""))
            throw new ArgumentException($"Device is '{device}'; allowed: auto, cpu, cuda, cuda:n.");
    }

    internal static Device Resolve(string device, int threads)
    {
        Check(device);
        set_num_threads(threads > 0 ? threads : DefaultThreads);
        if (device == TrainingOptions.AutoDevice) return new Device(cuda.is_available() ? "cuda" : "cpu");
        var chosen = new Device(device);
        if (chosen.type == TorchSharp.DeviceType.CUDA && cuda.device_count() <= Math.Max(0, chosen.index))
            throw new ArgumentException($"Device is '{device}' but libtorch sees {cuda.device_count()} CUDA devices; use cpu or auto, or install a CUDA build of libtorch.");
        return chosen;
    }

    // As PyTorch: OMP_NUM_THREADS where it is set, else all cores.
    private static int DefaultThreads =>
        int.TryParse(Environment.GetEnvironmentVariable("OMP_NUM_THREADS"), out var threads) && threads > 0 ? threads : Environment.ProcessorCount;

    [GeneratedRegex("^(cpu|cuda(:[0-9]{1,2})?)$")]
    private static partial Regex DeviceName();
}
