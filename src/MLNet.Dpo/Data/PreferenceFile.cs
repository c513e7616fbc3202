using System.IO.Compression;
using MLNet.Dpo.Data.Json;
using MLNet.Dpo.Data.Tables;

namespace MLNet.Dpo.Data;

/// <summary>A file of preference data, to be opened when its turn comes.</summary>
/// <param name="Name">Its path, or another name for errors.</param>
/// <param name="Open">Opens it from its beginning.</param>
internal sealed record PreferenceFile(string Name, Func<Stream> Open)
{
    /// <summary>Opens its records where the file's kind is known; null: its name tells a table (.csv, .tsv), and whatever else it is called, it is JSON.</summary>
    public Func<IRecordReader>? Records { get; init; }

    /// <summary>A file by its path.</summary>
    public static PreferenceFile At(string path) => new(path, () => new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1));

    /// <summary>Opens the file's records.</summary>
    /// <exception cref="PreferenceDataException">It is missing or cannot be read.</exception>
    public IRecordReader OpenRecords() => Records is { } own ? own()
        : TableRecordReader.DelimiterOf(Name) is { } delimiter ? new TableRecordReader(OpenText(), Name, delimiter)
        : new JsonRecordReader(OpenText(), Name);

    /// <summary>Opens the file; what begins as gzip does is unpacked.</summary>
    /// <exception cref="PreferenceDataException">It is missing or cannot be read.</exception>
    public Stream OpenText()
    {
        try
        {
            var stream = Open();
            if (!stream.CanSeek)
                return Name.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new GZipStream(stream, CompressionMode.Decompress) : stream;
            Span<byte> start = stackalloc byte[2];
            var isGZip = stream.ReadAtLeast(start, 2, throwOnEndOfStream: false) == 2 && start.SequenceEqual<byte>([0x1f, 0x8b]);
            stream.Seek(0, SeekOrigin.Begin);
            return isGZip ? new GZipStream(stream, CompressionMode.Decompress) : stream;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (Directory.Exists(Name))
                throw PreferenceDataException.InFile(Name, "is a folder; expected a file of preference data", e);
            // Sources of ML.NET wrap what went wrong.
            if (e.GetBaseException() is FileNotFoundException or DirectoryNotFoundException)
                throw PreferenceDataException.InFile(Name, "does not exist; expected a file of preference data", e);
            throw PreferenceDataException.InFile(Name, $"cannot be read: {e.Message.ReplaceLineEndings(" ")}", e);
        }
    }
}
