using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace MLNet.Dpo.Files.Gguf;

/// <summary>The key-value pairs of a GGUF file. Values have the CLR type of the file's: numbers of every width, <see cref="bool"/>, <see cref="string"/>, and arrays of these.</summary>
/// <param name="path">The file, for errors.</param>
/// <param name="values">The pairs.</param>
internal sealed class GgufMetadata(string path, IReadOnlyDictionary<string, object> values)
{
    /// <summary>The file that they were read from.</summary>
    internal string Path { get; } = path;

    /// <summary>All pairs.</summary>
    internal IReadOnlyDictionary<string, object> Values { get; } = values;

    internal bool Has(string key) => Values.ContainsKey(key);

    /// <summary>A text; null where there is none.</summary>
    /// <exception cref="InvalidDataException">It is no text.</exception>
    internal string? Text(string key) => !Values.TryGetValue(key, out var value) ? null : value as string ?? throw Wrong(key, value, "a text");

    /// <summary>A whole number of any width; null where there is none.</summary>
    /// <exception cref="InvalidDataException">It is none, or does not fit 32 bits.</exception>
    internal int? Int(string key)
    {
        if (!Values.TryGetValue(key, out var value)) return null;
        // Some files have one number a layer where all layers agree.
        if (value is Array { Length: > 0 } list && list.GetValue(0) is { } first && list.Cast<object>().All(first.Equals)) value = first;
        return value is byte or sbyte or short or ushort or int or uint or long or ulong && Convert.ToDecimal(value, CultureInfo.InvariantCulture) is >= int.MinValue and <= int.MaxValue and var number
            ? (int)number
            : throw Wrong(key, value, "a whole number of 32 bits");
    }

    /// <summary>A whole number that must be there.</summary>
    internal int RequiredInt(string key) => Int(key) ?? throw Missing(key);

    /// <summary>A number with a fraction, as it is written in decimals rather than with the noise of its 32 bits; null where there is none.</summary>
    internal double? Number(string key) => !Values.TryGetValue(key, out var value) ? null : value switch
    {
        float single when float.IsFinite(single) => double.Parse(single.ToString("R", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture),
        double number when double.IsFinite(number) => number,
        _ => throw Wrong(key, value, "a finite number"),
    };

    /// <summary>A switch; null where there is none.</summary>
    internal bool? Bool(string key) => !Values.TryGetValue(key, out var value) ? null : value is bool flag ? flag : throw Wrong(key, value, "true or false");

    /// <summary>A list of texts; false where there is none.</summary>
    internal bool TryTexts(string key, [NotNullWhen(true)] out string[]? texts)
    {
        texts = !Values.TryGetValue(key, out var value) ? null : value as string[] ?? throw Wrong(key, value, "a list of texts");
        return texts is not null;
    }

    /// <summary>A list of single precision numbers; null where there is none.</summary>
    internal float[]? Singles(string key) => !Values.TryGetValue(key, out var value) ? null : value as float[] ?? throw Wrong(key, value, "a list of 32-bit floats");

    /// <summary>A list of whole numbers; null where there is none.</summary>
    internal int[]? Ints(string key) => !Values.TryGetValue(key, out var value) ? null : value switch
    {
        int[] signed => signed,
        uint[] unsigned when unsigned.All(number => number <= int.MaxValue) => [.. unsigned.Select(number => (int)number)],
        _ => throw Wrong(key, value, "a list of 32-bit integers"),
    };

    internal InvalidDataException Missing(string key) => new($"{Path}: the key {key} is missing; the file does not hold a complete model. Get or make it again.");

    internal InvalidDataException Wrong(string key, object value, string expected) => new($"{Path}: {key} is {Describe(value)}; expected {expected}. Get or make the file again.");

    private static string Describe(object value) => value switch
    {
        Array list => $"a list of {list.Length} {list.GetType().GetElementType()!.Name}",
        string text => $"'{(text.Length <= 100 ? text : text[..100] + "...").ReplaceLineEndings(" ")}'",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "null",
    };
}
