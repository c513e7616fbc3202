using System.Diagnostics.CodeAnalysis;
using MLNet.Dpo.Data.Records;

namespace MLNet.Dpo.Data;

/// <summary>Reads the records of one file one by one, whatever the file's kind: each becomes a JSON object.</summary>
internal interface IRecordReader : IDisposable
{
    /// <summary>Reads the next record, which the caller disposes; false at the end of the file.</summary>
    /// <exception cref="PreferenceDataException">The file cannot be read, or the record is malformed.</exception>
    bool TryRead([NotNullWhen(true)] out JsonRecord? record);

    /// <summary>What was read although it is not what the file's kind asks for, in words; null for nothing.</summary>
    string? Leniency => null;

    /// <summary>After <see cref="TryRead"/> has failed with <paramref name="error"/>: goes on behind the bad record. False where it is not known where the next one begins.</summary>
    bool TrySkip(PreferenceDataException error);
}
