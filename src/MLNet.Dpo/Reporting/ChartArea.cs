using System.Globalization;

namespace MLNet.Dpo.Reporting;

/// <summary>The rectangle of a chart's curves in picture units, and the range of steps and values that it shows.</summary>
internal sealed class ChartArea
{
    private const double Narrow = 0.01; // below it two decimals do not do

    internal ChartArea(double left, double top, double right, double bottom, IReadOnlyList<MetricPoint> points, bool fromZero)
    {
        (Left, Top, Right, Bottom) = (left, top, right, bottom);
        (LowStep, HighStep) = (points.Min(p => p.Step), points.Max(p => p.Step));
        var (low, high) = (points.Min(p => p.Value), points.Max(p => p.Value));
        var near = 2 * (high - low);
        Ticks = RoundTicks(fromZero || low < near ? Math.Min(0, low) : low, fromZero || high > -near ? Math.Max(0, high) : high);
    }

    internal double Left { get; }

    internal double Top { get; }

    internal double Right { get; }

    internal double Bottom { get; }

    internal double LowStep { get; }

    internal double HighStep { get; }

    /// <summary>The values that have a line in the grid, from the lowest in view to the highest.</summary>
    internal IReadOnlyList<double> Ticks { get; }

    internal double X(double step) => HighStep > LowStep ? Left + ((Right - Left) * (step - LowStep) / (HighStep - LowStep)) : Left;

    internal double Y(double value) => Bottom - ((Bottom - Top) * (value - Ticks[0]) / (Ticks[^1] - Ticks[0]));

    /// <summary>A number as short as an axis wants it.</summary>
    internal static string Number(double value) => value.ToString(Math.Abs(value) switch { >= 100 => "0", 0 or >= 0.01 => "0.##", _ => "0.##e0" }, CultureInfo.InvariantCulture);

    /// <summary>A tick's number, with as many digits as tell it from its neighbours.</summary>
    internal string Tick(double value) => Ticks[1] - Ticks[0] < Narrow && Ticks.Max(Math.Abs) >= Narrow ? value.ToString("0.######", CultureInfo.InvariantCulture) : Number(value);

    /// <summary>About five round numbers that span <paramref name="low"/> to <paramref name="high"/>.</summary>
    private static IReadOnlyList<double> RoundTicks(double low, double high)
    {
        // Where all values are one, a range about it that a double can still tell apart.
        var rough = Math.Max(high - low, Math.Max(1e-12, Math.Abs(high) * 1e-6)) / 4;
        var power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        var step = power * (rough / power) switch { <= 1 => 1, <= 2 => 2, <= 2.5 => 2.5, <= 5 => 5, _ => 10 };
        var first = Math.Floor(low / step);
        var count = Math.Max(2, (int)(Math.Ceiling((high / step) - 1e-9) - first) + 1);
        return [.. Enumerable.Range(0, count).Select(i => (first + i) * step)];
    }
}
