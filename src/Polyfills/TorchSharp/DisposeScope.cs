using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>Disposes, at its own end, every tensor that was made on its thread while it was the innermost scope.</summary>
public sealed class DisposeScope : IDisposable
{
    [ThreadStatic] private static DisposeScope? _current;

    private readonly DisposeScope? _outer;
    private readonly HashSet<Tensor> _tensors = new(ReferenceEqualityComparer.Instance);
    private bool _disposed;

    internal DisposeScope() => (_outer, _current) = (_current, this);

    internal static DisposeScope? Current => _current;

    public int DisposablesCount => _tensors.Count;

    public T MoveToOuter<T>(T disposable) where T : IDisposable
    {
        if (disposable is Tensor tensor) Move(tensor, _outer);
        return disposable;
    }

    public T Detach<T>(T disposable) where T : IDisposable
    {
        if (disposable is Tensor tensor) Move(tensor, null);
        return disposable;
    }

    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        foreach (var tensor in _tensors)
        {
            tensor.OwningScope = null;
            tensor.Dispose();
        }
        _tensors.Clear();
        _current = _outer;
    }

    internal void Add(Tensor tensor)
    {
        _tensors.Add(tensor);
        tensor.OwningScope = this;
    }

    internal void Forget(Tensor tensor) => _tensors.Remove(tensor);

    internal static void Move(Tensor tensor, DisposeScope? target)
    {
        tensor.OwningScope?.Forget(tensor);
        tensor.OwningScope = null;
        target?.Add(tensor);
    }

    internal DisposeScope? Outer => _outer;
}

public static partial class torch
{
    public static DisposeScope NewDisposeScope() => new();
}
