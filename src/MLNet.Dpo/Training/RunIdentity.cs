using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using MLNet.Dpo.Saving;

namespace MLNet.Dpo.Training;

/// <summary>Everything that decides the result of a run, as named values: its options, its rows, and the model that it starts from.</summary>
internal sealed class RunIdentity
{
    private const string Nothing = "none";

    private RunIdentity(Dictionary<string, string> values) => Values = values;

    internal Dictionary<string, string> Values { get; }

    /// <summary>The identity of a run that has not taken a step yet. It reads every weight once.</summary>
    internal static RunIdentity Of(TrainingOptions options, TrainingRun run, IReadOnlyList<PreferenceExample> rows, IReadOnlyList<PreferenceExample> validation)
    {
        var values = options.Identity().ToDictionary(option => option.Key, option => Text(option.Value), StringComparer.Ordinal);
        values[nameof(TrainingOptions.Precision)] = Text(run.Model.Dtype); // what the option came to
        values["BaseModel"] = run.BaseFingerprint;
        values["Lora.InitialAdapter"] = ModelFingerprint.OfReferenceAdapter(run.Model) ?? Nothing;
        values.Remove("Lora.Dropout");
        if (run.Adapter is { Dropout: > 0 and var dropout })
        {
            values["Lora.Dropout"] = Text(dropout); // an initial adapter may bring it
            values[nameof(options.MaxTokensPerMicroBatch)] = Text(options.MaxTokensPerMicroBatch); // what is dropped depends on it
        }
        values["ReferenceModel"] = options.ReferenceFolder is null ? Nothing : run.SeparateReference!.Fingerprint;
        values["Rows"] = Text(rows.Count);
        values["Data"] = HashOf(rows);
        if (options.TracksBest) values["ValidationData"] = HashOf(validation);
        return new RunIdentity(values);
    }

    /// <summary>What a stored run computed in; what earlier versions wrote was float32.</summary>
    internal static Precision PrecisionOf(IReadOnlyDictionary<string, string> run) =>
        run.GetValueOrDefault(nameof(TrainingOptions.Precision)) == nameof(Precision.BFloat16) ? Precision.BFloat16 : Precision.Float32;

    /// <summary>The same run, as one that goes on where another has ended, or in the middle of one that did.</summary>
    internal RunIdentity Having(string passed) => new(new Dictionary<string, string>(Values) { [LongerRun.Passed] = passed });

    /// <summary>What another run has otherwise, by name, "(theirs there, ours here)"; empty where it is this run.</summary>
    internal string DifferencesFrom(IReadOnlyDictionary<string, string> there) => string.Join(", ",
        from name in Values.Keys.Union(there.Keys)
        let theirs = there.GetValueOrDefault(name, Nothing)
        let ours = Values.GetValueOrDefault(name, Nothing)
        where theirs != ours
        select $"{name} ({Short(theirs)} there, {Short(ours)} here)");

    // Fingerprints say by their beginning that they differ.
    private static string Short(string value) => value.Length == 64 && value.All(char.IsAsciiHexDigitLower) ? $"content {value[..8]}" : value.ReplaceLineEndings(" ");

    internal static string Text(object? value) => value switch
    {
        null => Nothing,
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? Nothing,
    };

    /// <summary>The fingerprint of tokenised rows: tokens, scores and order.</summary>
    internal static string HashOf(IEnumerable<PreferenceExample> rows)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var row in rows)
        {
            Append<int>(hash, [row.Responses.Length]);
            foreach (var ids in row.Responses.Prepend(row.Prompt)) Append<int>(hash, ids);
            Append<float>(hash, row.Scores);
            Append<float>(hash, row.PromptWeights ?? []);
            Append<float>(hash, [.. row.LmWeights ?? []]);
            if (row.PromptStarts is { } starts) Append<int>(hash, starts);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static void Append<T>(IncrementalHash hash, ReadOnlySpan<T> values) where T : unmanaged
    {
        var length = values.Length;
        hash.AppendData(MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in length)));
        hash.AppendData(MemoryMarshal.AsBytes(values));
    }
}
