using System.Reflection;
using System.Runtime.InteropServices;

namespace TorchSharp;

/// <summary>The C functions of native/torch_dispatch.cpp.</summary>
internal static unsafe partial class Native
{
    private const string Library = "TorchSharpPolyfill";

    static Native() => NativeLibrary.SetDllImportResolver(typeof(Native).Assembly, Resolve);

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (name != Library) return 0;
        var file = Path.Combine(AppContext.BaseDirectory, $"lib{Library}.so");
        return NativeLibrary.Load(File.Exists(file) ? file : Library, assembly, path);
    }

    /// <summary>The exception for the failure that the last call on this thread met.</summary>
    internal static ExternalException Failure() => new(Marshal.PtrToStringUTF8(tsp_error()) ?? "unknown libtorch error");

    internal static void Check(int result)
    {
        if (result < 0) throw Failure();
    }

    [LibraryImport(Library)] private static partial nint tsp_error();
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)] internal static partial nint tsp_find(string name, string overload);
    [LibraryImport(Library)] internal static partial int tsp_call(nint op, NativeValue* arguments, int count, NativeValue* results, int capacity);

    [LibraryImport(Library)] internal static partial void tsp_free(nint tensor);
    [LibraryImport(Library)] internal static partial nint tsp_data(nint tensor);
    [LibraryImport(Library)] internal static partial long tsp_dim(nint tensor);
    [LibraryImport(Library)] internal static partial long tsp_numel(nint tensor);
    [LibraryImport(Library)] internal static partial long tsp_element_size(nint tensor);
    [LibraryImport(Library)] internal static partial int tsp_dtype(nint tensor);
    [LibraryImport(Library)] internal static partial int tsp_is_contiguous(nint tensor);
    [LibraryImport(Library)] internal static partial void tsp_sizes(nint tensor, long* sizes);
    [LibraryImport(Library)] internal static partial void tsp_strides(nint tensor, long* strides);
    [LibraryImport(Library)] internal static partial long tsp_device(nint tensor);

    [LibraryImport(Library)] internal static partial int tsp_requires_grad(nint tensor);
    [LibraryImport(Library)] internal static partial int tsp_is_leaf(nint tensor);
    [LibraryImport(Library)] internal static partial int tsp_set_requires_grad(nint tensor, int value);
    [LibraryImport(Library)] internal static partial nint tsp_grad(nint tensor);
    [LibraryImport(Library)] internal static partial int tsp_set_grad(nint tensor, nint grad);
    [LibraryImport(Library)] internal static partial int tsp_backward(nint* tensors, nint* grads, int count, int retainGraph, int createGraph);
    [LibraryImport(Library)] internal static partial int tsp_grad_enabled();
    [LibraryImport(Library)] internal static partial void tsp_set_grad_enabled(int value);

    [LibraryImport(Library)] internal static partial nint tsp_attention(nint q, nint k, nint v, nint mask, double scale);

    [LibraryImport(Library)] internal static partial void tsp_set_num_threads(int threads);
    [LibraryImport(Library)] internal static partial int tsp_get_num_threads();
    [LibraryImport(Library)] internal static partial void tsp_manual_seed(long seed);
    [LibraryImport(Library)] internal static partial int tsp_cuda_device_count();
}

/// <summary>What each argument or result of an operator is; the same numbers as in the native enum.</summary>
internal enum ValueKind
{
    None = 0,
    Tensor = 1,
    Integer = 2,
    Real = 3,
    Boolean = 4,
    IntegerList = 5,
    TensorList = 6,
    Device = 8,
    Default = 9,
}

[StructLayout(LayoutKind.Explicit, Size = 16)]
internal struct NativeValue
{
    [FieldOffset(0)] public ValueKind Kind;
    [FieldOffset(4)] public int Count;
    [FieldOffset(8)] public long Integer;
    [FieldOffset(8)] public double Real;
    [FieldOffset(8)] public nint Pointer;
}
