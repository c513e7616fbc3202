using System.Globalization;

namespace MLNet.Dpo.Checks;

/// <summary>The checks that options share; every message says what was given and what is allowed.</summary>
internal static class OptionCheck
{
    internal static void AtLeast(int value, int least, string name)
    {
        if (value < least) throw Wrong(name, value, $"{least} or more");
    }

    internal static void Positive(double value, string name)
    {
        if (!(value > 0) || double.IsInfinity(value)) throw Wrong(name, value, "a number above 0");
    }

    internal static void NotNegative(double value, string name)
    {
        if (!(value >= 0) || double.IsInfinity(value)) throw Wrong(name, value, "0 or more");
    }

    internal static void Between(double value, double low, double high, string name)
    {
        if (!(value >= low && value <= high)) throw Wrong(name, value, string.Create(CultureInfo.InvariantCulture, $"a number from {low} to {high}"));
    }

    private static ArgumentException Wrong(string name, double value, string allowed) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{name} is {value}; allowed: {allowed}."));
}
