namespace TorchSharp;

/// <summary>A number handed to an operator: an integer, a real or a boolean.</summary>
public sealed class Scalar
{
    internal readonly long Integer;
    internal readonly double Real;
    internal readonly bool IsReal;
    internal readonly bool IsBoolean;

    private Scalar(long integer, bool isBoolean = false) => (Integer, IsBoolean) = (integer, isBoolean);
    private Scalar(double real) => (Real, IsReal) = (real, true);

    public static implicit operator Scalar(int value) => new((long)value);
    public static implicit operator Scalar(long value) => new(value);
    public static implicit operator Scalar(float value) => new((double)value);
    public static implicit operator Scalar(double value) => new(value);
    public static implicit operator Scalar(bool value) => new(value ? 1 : 0, isBoolean: true);
}
