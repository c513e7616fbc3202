using System.Globalization;

namespace MLNet.Dpo.Benchmarks;

/// <summary>The tables at the end: medians of the repetitions with their range, the losses, and ratios against the best of the peers.</summary>
internal static class Report
{
    private const int NameWidth = 28;
    private const int CellWidth = 26;

    /// <param name="output">Where the tables go.</param>
    /// <param name="ours">The product's repetitions.</param>
    /// <param name="peers">Each peer's repetitions.</param>
    public static void Write(TextWriter output, IReadOnlyList<Measurement> ours, IReadOnlyList<IReadOnlyList<Measurement>> peers)
    {
        output.WriteLine($"{"median (least to most)",-NameWidth}{"pairs/s, ref. counted",CellWidth}{"pairs/s, ref. cached",CellWidth}{"peak MB",CellWidth}");
        foreach (var side in peers.Prepend(ours))
        {
            output.WriteLine(
                $"{side[0].Name,-NameWidth}{Cell(side, m => m.CountedPairsPerSecond(), "F4")}{Cell(side, m => m.CachedPairsPerSecond(), "F4")}{Cell(side, m => m.PeakMb, "F0")}");
        }
        double Best(Func<Measurement, double> value, Func<IEnumerable<double>, double> best) => best(peers.Select(peer => Median(peer, value)));
        var (counted, cached) = (Best(m => m.CountedPairsPerSecond(), Enumerable.Max), Best(m => m.CachedPairsPerSecond(), Enumerable.Max));
        var (ourCached, memory) = (Median(ours, m => m.CachedPairsPerSecond()), Median(ours, m => m.PeakMb) / Best(m => m.PeakMb, Enumerable.Min));
        output.WriteLine($"{"against the best peer",-NameWidth}{Ratio(Median(ours, m => m.CountedPairsPerSecond()) / counted)}{Ratio(ourCached / cached)}{Ratio(memory)}");
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"ours cached, best peer counted: {ourCached / counted:F2} x"));
        WriteLosses(output, peers.Prepend(ours).Select(side => side[0]));
    }

    /// <summary>All sides start from the same weights and see the same rows: the first loss is ln 2, and the others agree as far as float32 goes.</summary>
    private static void WriteLosses(TextWriter output, IEnumerable<Measurement> sides)
    {
        output.WriteLine();
        output.WriteLine($"{"loss",-NameWidth}{"of step 1 (ln 2 is due)",CellWidth}{"of the last step",CellWidth}{"mean of all steps",CellWidth}");
        foreach (var side in sides)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{side.Name,-NameWidth}{side.Loss[0],CellWidth:F6}{side.Loss[^1],CellWidth:F6}{side.Loss.Average(),CellWidth:F6}"));
        }
    }

    private static string Cell(IReadOnlyList<Measurement> side, Func<Measurement, double> value, string format)
    {
        string Text(double number) => number.ToString(format, CultureInfo.InvariantCulture);
        return $"{Text(Median(side, value))} ({Text(side.Min(value))} to {Text(side.Max(value))})".PadLeft(CellWidth);
    }

    private static string Ratio(double value) => (value.ToString("F2", CultureInfo.InvariantCulture) + " x").PadLeft(CellWidth);

    private static double Median(IReadOnlyList<Measurement> side, Func<Measurement, double> value)
    {
        double[] sorted = [.. side.Select(value).Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
