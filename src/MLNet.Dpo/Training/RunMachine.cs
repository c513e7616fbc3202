using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using MLNet.Dpo.Models;
using static TorchSharp.torch;

namespace MLNet.Dpo.Training;

/// <summary>What a run was computed with: where it differs, sums may round otherwise and the last bits with them.</summary>
internal static class RunMachine
{
    internal const string Threads = nameof(TrainingOptions.NumThreads);

    /// <summary>The values as they are now, on this thread.</summary>
    internal static Dictionary<string, string> Of(CausalLM model) => new()
    {
        [Threads] = get_num_threads().ToString(CultureInfo.InvariantCulture),
        ["Device"] = model.Device.ToString(),
        ["Attention"] = ScaledDotProduct.Kernel,
        ["Processor"] = $"{RuntimeInformation.ProcessArchitecture} {VectorSet()}",
        ["Library"] = $"MLNet.Dpo {typeof(CausalLM).Assembly.GetName().Version}, TorchSharp {typeof(Tensor).Assembly.GetName().Version}",
    };

    /// <summary>The number of threads that is stored, if it is one.</summary>
    internal static int? ThreadsOf(IReadOnlyDictionary<string, string> machine) =>
        int.TryParse(machine.GetValueOrDefault(Threads), NumberStyles.None, CultureInfo.InvariantCulture, out var threads) && threads is > 0 and <= CpuThreads.Most ? threads : null;

    // libtorch's own switch between its kernels comes before what the processor has.
    private static string VectorSet() => Environment.GetEnvironmentVariable("ATEN_CPU_CAPABILITY") is { Length: > 0 } forced ? forced : Avx512F.IsSupported ? "AVX-512" : Avx2.IsSupported ? "AVX2" : "";
}
