using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using LLama;
using LLama.Common;
using LLama.Native;

namespace MLNet.Dpo.Tests;

/// <summary>A model in llama.cpp, on one thread, with keys and values in float32.</summary>
internal sealed class LlamaCpp : IDisposable
{
    private static readonly Lazy<string?> Loading = new(Load);
    private readonly LLamaWeights _weights;
    private readonly ModelParams _settings;

    internal LlamaCpp(string path, uint context = 512)
    {
        if (Unavailable is { } reason) throw new InvalidOperationException(reason);
        _settings = new ModelParams(path)
        {
            ContextSize = context,
            BatchSize = context,
            UBatchSize = context,
            GpuLayerCount = 0,
            Threads = 1,
            BatchThreads = 1,
            FlashAttention = false,
            TypeK = GGMLType.GGML_TYPE_F32,
            TypeV = GGMLType.GGML_TYPE_F32,
        };
        _weights = LLamaWeights.LoadFromFile(_settings);
    }

    /// <summary>Why there is no llama.cpp here; null where there is.</summary>
    internal static string? Unavailable => Loading.Value;

    /// <summary>The ids of a text; special tokens in it are found, none are added.</summary>
    internal int[] Encode(string text) => [.. _weights.NativeHandle.Tokenize(text, false, true, System.Text.Encoding.UTF8).Select(token => (int)token)];

    /// <summary>The logits behind each token of a sequence, [tokens][vocabulary].</summary>
    internal float[][] Logits(IReadOnlyList<int> tokens)
    {
        using var context = _weights.CreateContext(_settings);
        var batch = new LLamaBatch();
        for (var i = 0; i < tokens.Count; i++) batch.Add((LLamaToken)tokens[i], i, LLamaSeqId.Zero, true);
        var result = context.NativeHandle.Decode(batch);
        if (result != DecodeResult.Ok) throw new InvalidOperationException($"llama.cpp answers {result}");
        return [.. Enumerable.Range(0, tokens.Count).Select(i => context.NativeHandle.GetLogitsIth(i).ToArray())];
    }

    /// <summary>A function of ggml's.</summary>
    internal static nint Ggml(string name) => NativeLibrary.GetExport(NativeLibrary.Load(Path.Combine(Folder, "libggml-base.so")), name);

    public void Dispose() => _weights.Dispose();

    private static string Folder => Path.Combine(
        typeof(LlamaCpp).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(attribute => attribute.Key == "LlamaCpp").Value!, "LLamaSharpRuntimes", "linux-x64", "native", Avx2.IsSupported ? "avx2" : "noavx");

    private static string? Load()
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64) return "llama.cpp is loaded on Linux x64 only";
        try
        {
            foreach (var name in new[] { "libggml-base.so", "libggml-cpu.so", "libggml.so", "libllama.so" }) NativeLibrary.Load(Path.Combine(Folder, name));
            NativeLibraryConfig.LLama.WithLibrary(Path.Combine(Folder, "libllama.so")).WithLogCallback((_, _) => { });
            NativeApi.llama_empty_call();
            return null;
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException or TypeInitializationException or LLama.Exceptions.RuntimeError)
        {
            return $"llama.cpp cannot be loaded: {e.Message}";
        }
    }
}
