using System.Text.Json;
using System.Text.Json.Nodes;
using MLNet.Dpo.Files;

namespace MLNet.Dpo.Sampling;

/// <summary>
/// The JSONL file of a sampling: a line that says what is sampled, one for each source, and one for each answer, each handed to the system before the next is asked for. What a kill leaves is whole lines
/// and at most a torn one at the end, which is cut.
/// </summary>
internal sealed class SampleFile : IDisposable
{
    private readonly string _path;
    private readonly FileStream _stream;

    private SampleFile(string path, FileStream stream) => (_path, _stream) = (path, stream);

    /// <summary>Opens a file to go on with, or makes it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="lines">Takes the objects that it holds and their line numbers, from 1.</param>
    /// <returns>The file, and whether a torn line was cut.</returns>
    /// <exception cref="IOException">It cannot be written, or another run is writing it.</exception>
    /// <exception cref="PreferenceDataException">A line before the last is no object.</exception>
    public static (SampleFile File, bool WasTorn) Open(string path, Action<JsonObject, int> lines)
    {
        FileStream stream;
        try
        {
            stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 1);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"cannot write '{path}': {e.Message.ReplaceLineEndings(" ")} (is another run sampling into it?)", e);
        }
        try
        {
            var text = new byte[stream.Length];
            stream.ReadExactly(text);
            var whole = ReadLines(path, text, lines);
            stream.SetLength(whole);
            stream.Position = whole;
            return (new SampleFile(path, stream), whole < text.Length);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Reads whole lines: a line counts when its line feed is there; the last one only when it can be read too (a power cut may leave zeros).</summary>
    /// <returns>Their length together.</returns>
    /// <exception cref="PreferenceDataException">A line before the last is no object.</exception>
    public static int ReadLines(string path, ReadOnlySpan<byte> text, Action<JsonObject, int> lines)
    {
        var (at, number) = (0, 0);
        while (text[at..].IndexOf((byte)'\n') is var length && length >= 0)
        {
            number++;
            if (JsonLine.Parse(text.Slice(at, length)) is { } line) lines(line, number);
            else if (at + length + 1 == text.Length) return at;
            else throw new PreferenceDataException($"'{path}', line {number}: the line is damaged; remove it, and its answer will be sampled again") { File = path, Line = number };
            at += length + 1;
        }
        return at;
    }

    /// <summary>Adds a line.</summary>
    /// <exception cref="IOException">It cannot be written; half of it may be there, which the next run cuts.</exception>
    public void Add(JsonObject line)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, JsonLine.Options)) line.WriteTo(writer);
        buffer.WriteByte((byte)'\n');
        try
        {
            _stream.Write(buffer.GetBuffer(), 0, (int)buffer.Length);
            _stream.Flush();
        }
        catch (IOException e)
        {
            throw new IOException($"cannot write '{_path}': {e.Message.ReplaceLineEndings(" ")} (what was answered before is kept; sample into the same file again to go on)", e);
        }
    }

    /// <summary>Brings what was added to the disk.</summary>
    public void Dispose()
    {
        _stream.Flush(flushToDisk: true);
        _stream.Dispose();
    }
}
