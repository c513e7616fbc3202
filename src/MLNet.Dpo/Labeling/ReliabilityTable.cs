using System.Globalization;
using System.Text;

namespace MLNet.Dpo;

/// <summary>Whether a score read as a probability is one: of the responses with a score about 0.8, do people take 80 %?</summary>
/// <param name="Bins">The scores' range cut into equal parts; parts without a response are left out.</param>
/// <param name="ExpectedCalibrationError">Mean over the responses of |mean probability - share taken| of their bin, 0 to 1; 0 is calibrated.</param>
/// <param name="BrierScore">Mean of (probability - taken)², 0 to 1; lower is better, and 0.25 is what a constant one half has.</param>
/// <param name="Count">Labelled responses.</param>
/// <param name="IsSquashed">True where the scores are not all from 0 to 1, so that each was put through a sigmoid to be read as a probability at all.</param>
public sealed record ReliabilityTable(IReadOnlyList<ReliabilityBin> Bins, double ExpectedCalibrationError, double BrierScore, int Count, bool IsSquashed)
{
    /// <summary>A table of some lines, whatever the culture.</summary>
    public override string ToString()
    {
        var text = new StringBuilder("   from     to   said  taken  responses\n");
        foreach (var bin in Bins)
            text.Append(CultureInfo.InvariantCulture, $"{bin.From,7:0.00}{bin.To,7:0.00}{bin.MeanProbability,7:0.000}{bin.ShareTaken,7:0.000}{bin.Count,11}\n");
        return text.Append(CultureInfo.InvariantCulture,
            $"calibration error {ExpectedCalibrationError:0.000}, Brier {BrierScore:0.000}, {Count} responses{(IsSquashed ? ", scores put through a sigmoid" : "")}").ToString();
    }

    internal static ReliabilityTable Of(IReadOnlyList<(float Score, bool IsTaken)> responses, int binCount)
    {
        var isSquashed = responses.Any(response => response.Score is < 0 or > 1);
        var all = responses.Select(r => (Probability: isSquashed ? 1 / (1 + Math.Exp(-r.Score)) : r.Score, Taken: r.IsTaken ? 1.0 : 0)).ToList();
        var bins = all.GroupBy(r => Math.Min(binCount - 1, (int)(r.Probability * binCount))).OrderBy(bin => bin.Key)
            .Select(bin => new ReliabilityBin((double)bin.Key / binCount, (bin.Key + 1.0) / binCount, bin.Average(r => r.Probability), bin.Average(r => r.Taken), bin.Count())).ToList();
        return new ReliabilityTable(
            bins, bins.Sum(bin => bin.Count * Math.Abs(bin.MeanProbability - bin.ShareTaken)) / all.Count, all.Average(r => Math.Pow(r.Probability - r.Taken, 2)), all.Count, isSquashed);
    }
}

/// <summary>The responses whose probability lies between two numbers.</summary>
/// <param name="From">The lower end, which belongs to the bin.</param>
/// <param name="To">The upper end, which does not, but for 1.</param>
/// <param name="MeanProbability">What the scorer says, on average.</param>
/// <param name="ShareTaken">What people take.</param>
/// <param name="Count">Responses in it.</param>
public sealed record ReliabilityBin(double From, double To, double MeanProbability, double ShareTaken, int Count);
