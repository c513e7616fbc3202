namespace MLNet.Dpo.Files;

/// <summary>Names for files and folders that are not finished yet.</summary>
internal static class TemporaryName
{
    /// <summary>A hidden name in the same folder as <paramref name="path"/>, so that renaming onto it stays on one disk; never used before.</summary>
    public static string Beside(string path)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        return Path.Combine(Path.GetDirectoryName(full)!, $".{Path.GetFileName(full)}.{Guid.NewGuid():N}.tmp");
    }
}
