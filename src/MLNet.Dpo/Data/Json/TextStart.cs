namespace MLNet.Dpo.Data.Json;

/// <summary>What a file begins with: a byte order mark, or something that shows that it is no UTF-8 text.</summary>
internal static class TextStart
{
    /// <summary>Skips the mark.</summary>
    /// <exception cref="PreferenceDataException">The file is UTF-16 or Parquet.</exception>
    public static void Check(Utf8Window window, string file)
    {
        window.Fill(4);
        var start = window.Unread;
        if (start.StartsWith("\uFEFF"u8))
            window.SkipMark(3);
        else if (start.StartsWith<byte>([0xff, 0xfe]) || start.StartsWith<byte>([0xfe, 0xff]))
            throw PreferenceDataException.InFile(file, "is UTF-16 text; save it as UTF-8");
        else if (start.StartsWith("PAR1"u8))
            throw PreferenceDataException.InFile(file, "is a Parquet file; read it with ml.Preferences.LoadParquet of the package MLNet.Dpo.Parquet, or export it as JSONL");
    }
}
