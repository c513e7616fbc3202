using System.Globalization;

namespace MLNet.Dpo.Text.Tokenization.Unicode;

/// <summary>
/// Decompositions, compositions and combining classes of the Unicode Character Database. Own data, as .NET's normalization depends on the
/// process (it does nothing in invariant globalization mode) and tells nothing of where a character came from.
/// </summary>
internal sealed class DecompositionTable
{
    private const int HangulFirst = 0xAC00, HangulCount = 11172, LeadFirst = 0x1100, VowelFirst = 0x1161, TrailFirst = 0x11A7;
    private const int LeadCount = 19, VowelCount = 21, TrailCount = 28;

    private readonly Dictionary<int, byte> _classes = [];
    private readonly Dictionary<int, (int[] Parts, bool Compatibility)> _parts = [];
    private readonly Dictionary<(int, int), int> _pairs = [];
    private readonly HashSet<int> _seconds = [];
    private readonly HashSet<int> _neverComposed = [];

    private DecompositionTable()
    {
        using var stream = typeof(DecompositionTable).Assembly.GetManifestResourceStream("normalization.txt")!;
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            if (!line.StartsWith('#'))
                Add(line.Split(';'));
        }
    }

    /// <summary>The table; read at the first use.</summary>
    public static DecompositionTable Shared => Holder.Table;

    public byte ClassOf(int codePoint) => _classes.GetValueOrDefault(codePoint);

    /// <summary>Adds the full decomposition of a code point.</summary>
    public void Decompose(int codePoint, bool compatibility, List<int> output)
    {
        int syllable = codePoint - HangulFirst;
        if (syllable is >= 0 and < HangulCount)
        {
            output.Add(LeadFirst + syllable / (VowelCount * TrailCount));
            output.Add(VowelFirst + syllable % (VowelCount * TrailCount) / TrailCount);
            if (syllable % TrailCount != 0)
                output.Add(TrailFirst + syllable % TrailCount);
        }
        else if (_parts.TryGetValue(codePoint, out var entry) && (compatibility || !entry.Compatibility))
        {
            foreach (int part in entry.Parts)
                Decompose(part, compatibility, output);
        }
        else
        {
            output.Add(codePoint);
        }
    }

    /// <summary>The one code point that two make, if any.</summary>
    public bool TryCompose(int first, int second, out int composed)
    {
        int lead = first - LeadFirst, vowel = second - VowelFirst, syllable = first - HangulFirst, trail = second - TrailFirst;
        if (lead is >= 0 and < LeadCount && vowel is >= 0 and < VowelCount)
        {
            composed = HangulFirst + (lead * VowelCount + vowel) * TrailCount;
            return true;
        }
        if (syllable is >= 0 and < HangulCount && syllable % TrailCount == 0 && trail is > 0 and < TrailCount)
        {
            composed = first + trail;
            return true;
        }
        return _pairs.TryGetValue((first, second), out composed);
    }

    /// <summary>Whether a text with this code point may change under the normalization form.</summary>
    public bool MayChange(int codePoint, bool compose, bool compatibility)
    {
        if (ClassOf(codePoint) != 0)
            return true;
        bool hangul = codePoint is >= HangulFirst and < HangulFirst + HangulCount;
        bool decomposes = hangul || _parts.TryGetValue(codePoint, out var entry) && (compatibility || !entry.Compatibility);
        if (!compose)
            return decomposes;
        return _seconds.Contains(codePoint) || codePoint is >= VowelFirst and < 0x1200
            || decomposes && !hangul && (compatibility && _parts[codePoint].Compatibility || _neverComposed.Contains(codePoint));
    }

    private void Add(string[] fields)
    {
        int codePoint = Hex(fields[0]);
        if (fields[1].Length > 0)
            _classes[codePoint] = byte.Parse(fields[1], CultureInfo.InvariantCulture);
        if (fields[2].Length == 0)
            return;

        bool compatibility = fields[2][0] == '<', neverComposed = fields[2][0] == '!';
        int[] parts = [.. fields[2].TrimStart('<', '!').Split(' ').Select(Hex)];
        _parts[codePoint] = (parts, compatibility);
        if (neverComposed)
            _neverComposed.Add(codePoint);
        if (!compatibility && !neverComposed)
        {
            _pairs[(parts[0], parts[1])] = codePoint;
            _seconds.Add(parts[1]);
        }
    }

    private static int Hex(string text) => int.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private static class Holder
    {
        public static readonly DecompositionTable Table = new();
    }
}
