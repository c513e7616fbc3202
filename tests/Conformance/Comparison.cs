
namespace MLNet.Dpo.Conformance;

/// <summary>Collects the outcome of a folder's checks.</summary>
public sealed class Comparison(string folder)
{
    private readonly List<string> _notes = [];
    private int _passed;
    private int _failed;
    private int _skipped;
    private double _largest;

    /// <summary>Passes when the largest difference is within the tolerance.</summary>
    public void Check(string what, double error, double tolerance)
    {
        _largest = Math.Max(_largest, double.IsNaN(error) ? double.PositiveInfinity : error);
        Check($"{what} off by {error:g3} (allowed {tolerance:g3})", error <= tolerance);
    }

    /// <summary>Passes when the condition holds.</summary>
    public void Check(string failure, bool holds)
    {
        if (holds)
        {
            _passed++;
            return;
        }
        _failed++;
        _notes.Add(failure);
    }

    /// <summary>Runs a part of the checks: what it throws fails that part alone, and what the product says it does not support skips it.</summary>
    public void Part(string what, Action check)
    {
        try
        {
            check();
        }
        catch (NotSupportedException e)
        {
            Skip($"{what}: {ErrorLine.First(e.Message)}");
        }
        catch (Exception e)
        {
            Check($"{what}: {ErrorLine.Of(e)}", false);
        }
    }

    /// <summary>Notes a case that isn't supported.</summary>
    public void Skip(string why)
    {
        _skipped++;
        if (!_notes.Contains(why)) _notes.Add(why);
    }

    /// <summary>The outcome.</summary>
    public CaseReport Report() => new(folder, _passed, _failed, _skipped, _largest, string.Join("; ", _notes.Take(6)) + (_notes.Count > 6 ? $"; and {_notes.Count - 6} more" : ""));

    /// <summary>The largest |a - b| over the elements; infinite when either is not finite.</summary>
    public static double MaxDifference(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        if (a.Length != b.Length) return double.PositiveInfinity;
        var largest = 0.0;
        for (var i = 0; i < a.Length; i++)
        {
            var difference = Math.Abs((double)a[i] - b[i]);
            if (!double.IsFinite(difference)) return double.PositiveInfinity;
            largest = Math.Max(largest, difference);
        }
        return largest;
    }
}
