using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using MLNet.Dpo.Files.Safetensors;

namespace MLNet.Dpo.Training.Reference;

/// <summary>
/// The reference's log-probabilities on disk: <c>reference_logps.safetensors</c> in the output directory, one float32 a response token in the order of
/// the rows, under the fingerprint of what they depend on. It saves time and decides nothing: a file that is damaged or of another fingerprint is
/// computed anew and replaced.
/// </summary>
/// <param name="folder">Made when it is missing.</param>
/// <param name="fingerprint">See <see cref="ReferenceFingerprint"/>.</param>
/// <param name="log">Receives a line on what became of the file.</param>
internal sealed class ReferenceCache(string folder, string fingerprint, Action<string> log)
{
    internal const string FileName = "reference_logps.safetensors";
    private const string LogpsName = "logps";
    private const string FingerprintName = "fingerprint";
    private const string ChecksumName = "sha256"; // of the values: a damaged number is a number too
    private readonly string _path = Path.Combine(folder, FileName);
    private readonly Stopwatch _sinceWritten = Stopwatch.StartNew();

    /// <summary>How much of a pass a killed run may lose. Default 30 s.</summary>
    internal TimeSpan WriteEvery { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Whether it is time to write down what has been computed.</summary>
    internal bool IsDue => _sinceWritten.Elapsed >= WriteEvery;

    /// <summary>What an earlier run computed: all tokens, or, where it was stopped, the first ones; empty when there is nothing of use.</summary>
    /// <exception cref="IOException">The folder cannot be made; better said before the reference runs than after.</exception>
    internal float[] Read()
    {
        Directory.CreateDirectory(folder);
        if (!File.Exists(_path)) return [];
        try
        {
            using var file = SafetensorsFile.Open(_path);
            if (file.Metadata.GetValueOrDefault(FingerprintName) == fingerprint) return Values(file);
            log($"{_path} is of another model, adapter, data or setting; reference log-probabilities are computed anew.");
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            log($"{_path} cannot be used, reference log-probabilities are computed anew: {e.Message}");
        }
        return [];
    }

    /// <summary>Replaces the file by these values. A file that cannot be written costs a line in the log, not the run.</summary>
    internal void Write(float[] logps)
    {
        var bytes = MemoryMarshal.AsBytes<float>(logps).ToArray();
        try
        {
            SafetensorsWriter.Write(
                _path,
                [SafetensorsSource.FromBytes(LogpsName, SafetensorsDType.F32, [logps.Length], bytes)],
                new Dictionary<string, string> { [FingerprintName] = fingerprint, [ChecksumName] = Checksum(bytes) });
        }
        catch (IOException e)
        {
            log($"Reference log-probabilities are not kept for later runs: {e.Message}");
        }
        _sinceWritten.Restart();
    }

    private float[] Values(SafetensorsFile file)
    {
        if (!file.TryGet(LogpsName, out var entry) || entry.DType != SafetensorsDType.F32 || file.Metadata.GetValueOrDefault(ChecksumName) != Checksum(file.Bytes(entry)))
            throw new InvalidDataException("its values are not those that were written.");
        var logps = MemoryMarshal.Cast<byte, float>(file.Bytes(entry)).ToArray();
        log($"Reference log-probabilities of {logps.Length} tokens read from {_path}.");
        return logps;
    }

    private static string Checksum(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
