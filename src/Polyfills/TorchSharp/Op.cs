using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>One argument of an ATen operator.</summary>
internal readonly struct Arg
{
    internal readonly ValueKind Kind;
    internal readonly long Integer;
    internal readonly double Real;
    internal readonly object? Reference;

    private Arg(ValueKind kind, long integer = 0, double real = 0, object? reference = null) =>
        (Kind, Integer, Real, Reference) = (kind, integer, real, reference);

    /// <summary>An optional argument that is absent.</summary>
    internal static Arg None => new(ValueKind.None);

    /// <summary>The schema's own default.</summary>
    internal static Arg Default => new(ValueKind.Default);

    internal static Arg List(IList<Tensor> tensors) => new(ValueKind.TensorList, reference: tensors);

    public static implicit operator Arg(Tensor? tensor) => tensor is null ? None : new(ValueKind.Tensor, reference: tensor);
    public static implicit operator Arg(long value) => new(ValueKind.Integer, value);
    public static implicit operator Arg(double value) => new(ValueKind.Real, real: value);
    public static implicit operator Arg(bool value) => new(ValueKind.Boolean, value ? 1 : 0);
    public static implicit operator Arg(long[] values) => new(ValueKind.IntegerList, reference: values);
    public static implicit operator Arg(ScalarType? type) => type is null ? None : new(ValueKind.Integer, (long)type.Value);
    public static implicit operator Arg(ScalarType type) => new(ValueKind.Integer, (long)type);
    public static implicit operator Arg(Scalar scalar) =>
        scalar.IsReal ? new(ValueKind.Real, real: scalar.Real) : new(scalar.IsBoolean ? ValueKind.Boolean : ValueKind.Integer, scalar.Integer);
    public static implicit operator Arg(Device? device) =>
        device is null ? None : new(ValueKind.Device, ((long)device.type << 16) | (uint)(device.index & 0xff));
}

/// <summary>An ATen operator, found by its schema's name and overload when it is first called.</summary>
internal sealed unsafe class Op(string name, string overload = "")
{
    private const int MaxResults = 64;
    private nint _handle;

    /// <summary>Calls an operator that has one tensor as its result.</summary>
    internal Tensor Call(params ReadOnlySpan<Arg> arguments)
    {
        var results = stackalloc NativeValue[1];
        Invoke(arguments, results, 1);
        return new Tensor(results[0].Pointer);
    }

    /// <summary>Calls an operator that writes into its first argument, which is handed back.</summary>
    internal Tensor CallInPlace(params ReadOnlySpan<Arg> arguments)
    {
        var results = stackalloc NativeValue[1];
        Invoke(arguments, results, 1);
        Native.tsp_free(results[0].Pointer);
        return (Tensor)arguments[0].Reference!;
    }

    /// <summary>Calls an operator that has several tensors as its result.</summary>
    internal Tensor[] CallMany(params ReadOnlySpan<Arg> arguments)
    {
        var results = stackalloc NativeValue[MaxResults];
        var tensors = new Tensor[Invoke(arguments, results, MaxResults)];
        for (var i = 0; i < tensors.Length; i++) tensors[i] = new Tensor(results[i].Pointer);
        return tensors;
    }

    /// <summary>Calls an operator that has one number as its result.</summary>
    internal NativeValue CallScalar(params ReadOnlySpan<Arg> arguments)
    {
        var results = stackalloc NativeValue[1];
        Invoke(arguments, results, 1);
        return results[0];
    }

    private int Invoke(ReadOnlySpan<Arg> arguments, NativeValue* results, int capacity)
    {
        if (_handle == 0 && (_handle = Native.tsp_find(name, overload)) == 0) throw Native.Failure();

        var words = 0;
        foreach (ref readonly var argument in arguments) words += ListLength(argument);
        var list = stackalloc long[words];
        var values = stackalloc NativeValue[arguments.Length];
        for (var i = 0; i < arguments.Length; i++) values[i] = Marshal(arguments[i], ref list);

        var count = Native.tsp_call(_handle, values, arguments.Length, results, capacity);
        foreach (ref readonly var argument in arguments) GC.KeepAlive(argument.Reference);
        if (count < 0) throw Native.Failure();
        return count;
    }

    private static int ListLength(in Arg argument) => argument.Reference switch
    {
        long[] values => values.Length,
        IList<Tensor> tensors => tensors.Count,
        _ => 0,
    };

    private static NativeValue Marshal(in Arg argument, ref long* list)
    {
        var value = new NativeValue { Kind = argument.Kind, Count = ListLength(argument) };
        switch (argument.Kind)
        {
            case ValueKind.Tensor: value.Pointer = ((Tensor)argument.Reference!).Handle; break;
            case ValueKind.Real: value.Real = argument.Real; break;
            case ValueKind.IntegerList:
            case ValueKind.TensorList:
                value.Pointer = (nint)list;
                for (var i = 0; i < value.Count; i++)
                    *list++ = argument.Reference is long[] integers ? integers[i] : ((IList<Tensor>)argument.Reference!)[i].Handle;
                break;
            default: value.Integer = argument.Integer; break;
        }
        return value;
    }
}
