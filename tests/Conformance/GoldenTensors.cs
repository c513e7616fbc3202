using System.Runtime.InteropServices;
using MLNet.Dpo.Files.Safetensors;

namespace MLNet.Dpo.Conformance;

/// <summary>Tensors of a golden safetensors file as plain arrays.</summary>
public sealed class GoldenTensors(string path) : IDisposable
{
    private readonly SafetensorsFile _file = SafetensorsFile.Open(path);

    /// <summary>The tensors' names.</summary>
    public IEnumerable<string> Names => _file.Tensors.Select(t => t.Name);

    /// <summary>Whether the tensor is there.</summary>
    public bool Has(string name) => _file.TryGet(name, out _);

    /// <summary>The tensor's shape.</summary>
    public long[] Shape(string name) => [.. Entry(name).Shape];

    /// <summary>An F32 tensor's elements.</summary>
    public float[] Floats(string name) => MemoryMarshal.Cast<byte, float>(_file.Bytes(Entry(name, SafetensorsDType.F32))).ToArray();

    /// <summary>An I64 tensor's elements.</summary>
    public long[] Longs(string name) => MemoryMarshal.Cast<byte, long>(_file.Bytes(Entry(name, SafetensorsDType.I64))).ToArray();

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private SafetensorsEntry Entry(string name, SafetensorsDType type) => Entry(name) is var entry && entry.DType == type
        ? entry
        : throw new InvalidDataException($"{_file.Path}: {entry} is not {type}.");

    private SafetensorsEntry Entry(string name) => _file.TryGet(name, out var entry) ? entry : throw new InvalidDataException($"{_file.Path}: no tensor {name}.");
}
