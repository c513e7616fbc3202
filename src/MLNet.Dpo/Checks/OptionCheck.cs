using System.Globalization;

namespace MLNet.Dpo.Checks;

/// <summary>The checks that options share; every message says what was given and what is allowed.</summary>
internal static class OptionCheck
{
    private const double SmallestSingle = 1.17549435e-38;
    private const string Range = "that a float32 holds (1.2E-38 to 3.4E+38)";

    internal static void AtLeast(int value, int least, string name)
    {
        if (value < least) throw Wrong(name, value, $"{least} or more");
    }

    internal static void Within(int value, int low, int high, string name)
    {
        if (value < low || value > high) throw Wrong(name, value, $"{low} to {high}");
    }

    internal static void Positive(double value, string name)
    {
        if (!(value > 0 && IsSingle(value))) throw Wrong(name, value, "a number above 0 " + Range);
    }

    internal static void NotNegative(double value, string name)
    {
        if (!(value >= 0 && IsSingle(value))) throw Wrong(name, value, "0, or a number above 0 " + Range);
    }

    internal static void Finite(double value, string name)
    {
        if (!IsSingle(value)) throw Wrong(name, value, "0, or a number " + Range + ", of either sign");
    }

    internal static void Between(double value, double low, double high, string name)
    {
        if (!(value >= low && value <= high)) throw Wrong(name, value, string.Create(CultureInfo.InvariantCulture, $"a number from {low} to {high}"));
    }

    internal static void Defined<T>(T value, string name) where T : struct, Enum
    {
        if (!Enum.IsDefined(value)) throw new ArgumentException($"{name} is {value}; allowed: {string.Join(", ", Enum.GetNames<T>())}.");
    }

    internal static void BelowOne(double value, string name)
    {
        if (!(value >= 0 && value < 1)) throw Wrong(name, value, "a number from 0 to below 1");
    }

    // Tensors take numbers as float32: a larger one is an error of libtorch's, and a smaller one becomes 0 or loses its digits without a word.
    private static bool IsSingle(double value) => value == 0 || (Math.Abs(value) >= SmallestSingle && Math.Abs(value) <= float.MaxValue);

    private static ArgumentException Wrong(string name, double value, string allowed) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{name} is {value}; allowed: {allowed}."));
}
