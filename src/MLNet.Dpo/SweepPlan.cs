using System.Security.Cryptography;
using System.Text;

namespace MLNet.Dpo;

/// <summary>A run that a sweep has.</summary>
/// <param name="Name">Its name and that of its folder, which the varied values alone decide.</param>
/// <param name="Values">The varied options' values.</param>
/// <param name="Options">Its options.</param>
internal sealed record SweepPlan(string Name, IReadOnlyDictionary<string, string> Values, DpoTrainer.Options Options)
{
    /// <summary>The name of the run that nothing is varied in.</summary>
    internal const string Baseline = "baseline";

    private const int LongestName = 100;

    /// <summary>The runs, in order.</summary>
    internal static IReadOnlyList<SweepPlan> Of(SweepOptions options) => options.Mode == SweepMode.Grid
        ? [.. Combinations(options.Axes).Select(indices => Varied(options, [.. indices.Select((value, axis) => (axis, value))]))]
        :
        [
            Varied(options, []),
            .. from axis in Enumerable.Range(0, options.Axes.Count)
               from value in Enumerable.Range(0, options.Axes[axis].Values.Count)
               where options.Axes[axis].Values[value] != options.Axes[axis].In(options.Baseline!)
               select Varied(options, [(axis, value)]),
        ];

    private static IEnumerable<int[]> Combinations(IReadOnlyList<SweepAxis> axes) =>
        axes.Aggregate((IEnumerable<int[]>)[[]], (all, axis) => all.SelectMany(some => Enumerable.Range(0, axis.Values.Count).Select(value => (int[])[.. some, value])));

    private static SweepPlan Varied(SweepOptions sweep, IReadOnlyList<(int Axis, int Value)> changes)
    {
        var options = (DpoTrainer.Options)sweep.Baseline!.Copy();
        foreach (var (axis, value) in changes) sweep.Axes[axis].Set(options, value);
        var name = changes.Count == 0 ? Baseline : string.Join(',', changes.Select(change => $"{sweep.Axes[change.Axis].Name}={sweep.Axes[change.Axis].Values[change.Value]}"));
        return new SweepPlan(FileName(name), sweep.Axes.ToDictionary(axis => axis.Name, axis => axis.In(options)), options);
    }

    // What a folder cannot be called on some system is left out, and a hash tells such names apart.
    private static string FileName(string name)
    {
        var kept = string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '=' or ',' or '.' or '-' or '+' or '_' ? c : '_'));
        if (kept == name && name.Length <= LongestName) return name;
        return $"{(kept.Length > LongestName ? kept[..LongestName] : kept)}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)))[..8]}";
    }
}
