using System.Globalization;
using System.Text;
using MLNet.Dpo.Files;

namespace MLNet.Dpo.Sampling;

/// <summary>A folder of sheets, a file a prompt: <c>00001.txt</c> and so on. A file that is there is never written to.</summary>
internal static class MarkFolder
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Writes the sheets that are not there yet; all files are looked at before the first is written.</summary>
    /// <returns>The number of new files.</returns>
    /// <exception cref="IOException">A file of a sheet's name holds something else.</exception>
    public static int Write(IEnumerable<PromptSamples> samples, string folder)
    {
        var sheets = samples.Select((s, i) => new MarkSheet(i + 1, Checked(s, i))).ToList();
        Directory.CreateDirectory(folder);
        TemporaryName.RemoveLeftovers(folder);
        var missing = sheets.Where(sheet => !IsThere(sheet, PathOf(folder, sheet))).ToList();
        foreach (var sheet in missing) AtomicFile.Write(PathOf(folder, sheet), stream => stream.Write(Utf8.GetBytes(sheet.Write())), removeLeftovers: false);
        return missing.Count;
    }

    /// <summary>Reads all sheets, by name.</summary>
    /// <exception cref="PreferenceDataException">There is none, one has a slip of the pen, or one is there twice.</exception>
    public static List<MarkedSheet> Read(string folder, bool allowEdits)
    {
        if (!Directory.Exists(folder)) throw PreferenceDataException.InFile(folder, "is no folder; expected one that ml.Preferences.WriteSamples wrote");
        var sheets = Directory.EnumerateFiles(folder).Where(IsSheet).Order(StringComparer.Ordinal).Select(path => MarkSheetReader.Read(path, ReadText(path), allowEdits)).ToList();
        if (sheets.Count == 0) throw PreferenceDataException.InFile(folder, "has no .txt files; expected those that ml.Preferences.WriteSamples wrote");
        foreach (var same in sheets.GroupBy(sheet => sheet.Sheet.Number).Where(g => g.Count() > 1))
            throw PreferenceDataException.InFile(same.Last().Path, $"holds the same prompt (number {same.Key}) as '{same.First().Path}'; remove the copy that does not count");
        return sheets;
    }

    /// <summary>Whether a file is one of samples to mark, by its name.</summary>
    public static bool IsSheet(string path) => path.EndsWith(".txt", StringComparison.OrdinalIgnoreCase);

    private static PromptSamples Checked(PromptSamples samples, int index)
    {
        ArgumentNullException.ThrowIfNull(samples);
        if (samples.Responses.Count == 0) throw new ArgumentException($"The prompt {index + 1} has no answers; leave it out.", nameof(samples));
        if (samples.Sources.Count > 0 && samples.Sources.Count != samples.Responses.Count)
            throw new ArgumentException($"The prompt {index + 1} has {samples.Responses.Count} answers and {samples.Sources.Count} sources; give one for each, or none.", nameof(samples));
        return samples;
    }

    // The last line says what the file was made of, whatever has been marked or rewritten since.
    private static bool IsThere(MarkSheet sheet, string path)
    {
        if (!File.Exists(path)) return false;
        if (LastLine(ReadText(path)) == LastLine(sheet.Write())) return true;
        throw new IOException($"cannot write '{path}': it holds something else, and its marks would be lost; give a new folder, or move that file away (nothing was changed)");
    }

    private static string? LastLine(string text) => text.ReplaceLineEndings("\n").Split('\n').LastOrDefault(line => line.StartsWith(MarkSheet.End, StringComparison.Ordinal))?.TrimEnd();

    private static string PathOf(string folder, MarkSheet sheet) => Path.Combine(folder, sheet.Number.ToString("D5", CultureInfo.InvariantCulture) + ".txt");

    // A byte order mark says what an editor saved as; without one it is UTF-8.
    private static string ReadText(string path)
    {
        try
        {
            using var reader = new StreamReader(path, Utf8, detectEncodingFromByteOrderMarks: true);
            return reader.ReadToEnd();
        }
        catch (DecoderFallbackException e)
        {
            throw PreferenceDataException.InFile(path, "is not UTF-8 text; save it as UTF-8", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw PreferenceDataException.InFile(path, $"cannot be read: {e.Message.ReplaceLineEndings(" ")}", e);
        }
    }
}
