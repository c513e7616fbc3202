using System.Globalization;

namespace MLNet.Dpo.Benchmarks;

/// <summary>The table at the end: pairs a second and peak memory of both sides, and their ratios.</summary>
internal static class Report
{
    /// <param name="output">Where the table goes.</param>
    /// <param name="live">The peer with the reference run inside each step.</param>
    /// <param name="precomputed">The peer with the reference computed before the clock starts.</param>
    /// <param name="ours">The product: one pass over the reference, then the steps.</param>
    public static void Write(TextWriter output, Measurement live, Measurement precomputed, Measurement ours)
    {
        var oursCounted = ours.Loss.Length / (ours.ReferenceSeconds + ours.Seconds);
        output.WriteLine($"{"",-22}{"peer pairs/s",14}{"ours pairs/s",14}{"ratio",8}{"peer MB",10}{"ours MB",10}{"ratio",8}");
        Line(output, "reference counted", live.PairsPerSecond, oursCounted, live.PeakMb, ours.PeakMb);
        Line(output, "cached, peer live", live.PairsPerSecond, ours.PairsPerSecond, live.PeakMb, ours.PeakMb);
        Line(output, "cached on both sides", precomputed.PairsPerSecond, ours.PairsPerSecond, precomputed.PeakMb, ours.PeakMb);
    }

    private static void Line(TextWriter output, string name, double peerSpeed, double ourSpeed, double peerMb, double ourMb) =>
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{name,-22}{peerSpeed,14:F4}{ourSpeed,14:F4}{ourSpeed / peerSpeed,7:F2}x{peerMb,10:F0}{ourMb,10:F0}{ourMb / peerMb,7:F2}x"));
}
