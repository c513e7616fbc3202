using static TorchSharp.torch;

namespace MLNet.Dpo.Models;

/// <summary>
/// How many CPU threads a model's operations use. libtorch keeps the number by thread: a thread that has run an operation has its own, a new one takes the
/// number that was set last in the process. So it is set around every run and training, and put back after it; setting it takes 0.4 µs.
/// </summary>
internal static class CpuThreads
{
    /// <summary>
    /// Parameters below which one thread is best: the operations of so small a model end before a second thread has begun, and beside another busy process
    /// OpenMP's waiting threads cost many times what they bring.
    /// </summary>
    internal const long SmallModel = 10_000_000;

    /// <summary>More threads than any machine gains from; libtorch's stack overflows at some tens of thousands.</summary>
    internal const int Most = 1024;

    /// <summary>The number that the option asks for; else that of OMP_NUM_THREADS; else 1 for a small model and all cores for a larger one.</summary>
    /// <param name="option">0 for no wish.</param>
    /// <param name="parameters">How many numbers the model's weights are.</param>
    /// <param name="ompNumThreads">The environment's OMP_NUM_THREADS; of a list (<c>4,2</c>) the first, and what is no number is as if it were not set, as OpenMP reads it.</param>
    /// <param name="cores">The machine's, as far as this process may use them.</param>
    internal static int Choose(int option, long parameters, string? ompNumThreads, int cores)
    {
        if (option > 0) return option;
        if (int.TryParse(ompNumThreads?.Split(',')[0], out var threads) && threads > 0) return Math.Min(threads, Most);
        return parameters < SmallModel ? 1 : cores;
    }

    /// <summary>Runs this thread's operations with a model's number of threads until the scope is disposed, on the same thread.</summary>
    internal static IDisposable Use(int option, CausalLM model) => Use(Choose(option, model));

    /// <summary>The number for a model in this process.</summary>
    internal static int Choose(int option, CausalLM model) =>
        Choose(option, model.Parameters.Values.Sum(p => p.numel()), Environment.GetEnvironmentVariable("OMP_NUM_THREADS"), Environment.ProcessorCount);

    /// <summary>The same with a number.</summary>
    internal static IDisposable Use(int threads) => new Scope(threads);

    private sealed class Scope : IDisposable
    {
        private readonly int _before = get_num_threads();

        internal Scope(int threads) => set_num_threads(threads);

        public void Dispose() => set_num_threads(_before);
    }
}
