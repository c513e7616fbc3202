using System.Globalization;

namespace MLNet.Dpo.Benchmarks;

/// <summary>The tables at the end: medians of the repetitions with their range, the losses, and ratios against the best of the peers.</summary>
internal static class Report
{
    private const int NameWidth = 28;
    private const int CellWidth = 26;

    /// <param name="output">Where the tables go.</param>
    /// <param name="ours">The product's repetitions in each precision.</param>
    /// <param name="peers">Each peer's repetitions.</param>
    public static void Write(TextWriter output, IReadOnlyList<IReadOnlyList<Measurement>> ours, IReadOnlyList<IReadOnlyList<Measurement>> peers)
    {
        output.WriteLine($"{"median (least to most)",-NameWidth}{"pairs/s, ref. counted",CellWidth}{"pairs/s, ref. cached",CellWidth}{"peak MB",CellWidth}");
        foreach (var side in ours.Concat(peers))
        {
            output.WriteLine(
                $"{side[0].Name,-NameWidth}{Cell(side, m => m.CountedPairsPerSecond(), "F4")}{Cell(side, m => m.CachedPairsPerSecond(), "F4")}{Cell(side, m => m.PeakMb, "F0")}");
        }
        double Best(Func<Measurement, double> value, Func<IEnumerable<double>, double> best) => best(peers.Select(peer => Median(peer, value)));
        var (counted, cached) = (Best(m => m.CountedPairsPerSecond(), Enumerable.Max), Best(m => m.CachedPairsPerSecond(), Enumerable.Max));
        foreach (var own in ours)
        {
            var (ourCached, memory) = (Median(own, m => m.CachedPairsPerSecond()), Median(own, m => m.PeakMb) / Best(m => m.PeakMb, Enumerable.Min));
            output.WriteLine($"{own[0].Name + " / best peer",-NameWidth}{Ratio(Median(own, m => m.CountedPairsPerSecond()) / counted)}{Ratio(ourCached / cached)}{Ratio(memory)}");
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{own[0].Name} cached, best peer counted: {ourCached / counted:F2} x"));
        }
        WriteLosses(output, ours.Concat(peers).Select(side => side[0]));
    }

    /// <summary>How near the product comes to what the machine's matrix products allow.</summary>
    public static void WriteBound(TextWriter output, IReadOnlyList<Measurement> ours, double gigaflops, double needed)
    {
        var bound = gigaflops * 1e9 / needed;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{ours[0].Name}: matrix products {gigaflops:F0} GFLOP/s; a pair needs {needed / 1e12:F3} TFLOP, so at most {bound:F3} pairs/s; reached {Median(ours, m => m.CachedPairsPerSecond()) / bound:P0}"));
    }

    /// <summary>A line for a single measurement.</summary>
    public static void WriteCase(TextWriter output, string name, Precision precision, IReadOnlyList<CaseMeasurement> repetitions)
    {
        double[] values = [.. repetitions.Select(r => r.Value).Order()];
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{name + ", " + precision,-40}{values[values.Length / 2],10:G4} {repetitions[0].Unit} ({values[0]:G4} to {values[^1]:G4}), peak {repetitions.Max(r => r.PeakMb):F0} MB{repetitions[0].Note}"));
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
