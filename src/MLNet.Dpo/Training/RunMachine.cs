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

    /// <summary>More threads than any machine has: such a number in a file is not a number of threads.</summary>
    private const int MostThreads = 1024;

    /// <summary>The values as they are now, on this thread.</summary>
    internal static Dictionary<string, string> Of(CausalLM model) => new()
    {
        [Threads] = get_num_threads().ToString(CultureInfo.InvariantCulture),
        ["Device"] = model.Device.ToString(),
        ["Processor"] = $"{RuntimeInformation.ProcessArchitecture} {VectorSet()}",
        ["Library"] = $"MLNet.Dpo {typeof(CausalLM).Assembly.GetName().Version}, TorchSharp {typeof(Tensor).Assembly.GetName().Version}",
    };

    /// <summary>The number of threads that is stored, if it is one.</summary>
    internal static int? ThreadsOf(IReadOnlyDictionary<string, string> machine) =>
        int.TryParse(machine.GetValueOrDefault(Threads), NumberStyles.None, CultureInfo.InvariantCulture, out var threads) && threads is > 0 and <= MostThreads ? threads : null;

    private static string VectorSet() => Avx512F.IsSupported ? "AVX-512" : Avx2.IsSupported ? "AVX2" : "";
}
