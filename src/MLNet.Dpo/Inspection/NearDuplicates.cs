using System.Runtime.InteropServices;

namespace MLNet.Dpo.Inspection;

/// <summary>
/// Finds texts that share nearly all of their runs of five characters, without comparing each with each: MinHash signatures whose bands meet in a table (Broder 1997), and the
/// exact share of runs for those that meet.
/// </summary>
internal static class NearDuplicates
{
    private const int Run = 5;
    private const int Bands = 16;
    private const int RowsOfBand = 4;
    private const double LeastShare = 0.85;

    // The most texts with one band that are compared: texts made from one pattern meet in thousands.
    private const int MostCompared = 20;

    /// <summary>For each text that is like an earlier one, itself and that earlier one. Texts that are equal are not among them.</summary>
    internal static IEnumerable<(int Text, int Earlier)> Find(IReadOnlyList<string> texts)
    {
        var table = new Dictionary<(int Band, ulong Hash), List<int>>();
        for (var i = 0; i < texts.Count; i++)
        {
            var runs = Runs(texts[i]);
            if (runs.Count == 0) continue;
            var met = new HashSet<int>();
            foreach (var key in Keys(runs))
            {
                ref var others = ref CollectionsMarshal.GetValueRefOrAddDefault(table, key, out _);
                others ??= [];
                met.UnionWith(others.TakeLast(MostCompared));
                others.Add(i);
            }
            foreach (var earlier in met.Order())
            {
                if (texts[earlier] == texts[i] || Share(runs, Runs(texts[earlier])) < LeastShare) continue;
                yield return (i, earlier);
                break;
            }
        }
    }

    private static HashSet<ulong> Runs(string text)
    {
        var runs = new HashSet<ulong>();
        for (var i = 0; i + Run <= text.Length; i++)
        {
            ulong hash = 14695981039346656037; // FNV-1a
            foreach (var c in text.AsSpan(i, Run)) hash = (hash ^ char.ToLowerInvariant(c)) * 1099511628211;
            runs.Add(hash);
        }
        return runs;
    }

    private static IEnumerable<(int Band, ulong Hash)> Keys(HashSet<ulong> runs)
    {
        for (var band = 0; band < Bands; band++)
        {
            ulong key = 0;
            for (var row = 0; row < RowsOfBand; row++)
            {
                var seed = Mixed((ulong)((band * RowsOfBand) + row + 1));
                key = Mixed(key ^ runs.Min(run => Mixed(run ^ seed)));
            }
            yield return (band, key);
        }
    }

    private static double Share(HashSet<ulong> a, HashSet<ulong> b)
    {
        var both = a.Count(b.Contains);
        return both / (double)(a.Count + b.Count - both);
    }

    // SplitMix64's finisher
    private static ulong Mixed(ulong x)
    {
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return x ^ (x >> 31);
    }
}
