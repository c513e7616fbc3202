namespace MLNet.Dpo.Files;

/// <summary>Symbolic links under the names that are written: whoever made one wants its target written, and the link kept.</summary>
internal static class SymbolicLink
{
    /// <summary>What a path points to in the end, whether that is there or not; the path itself where it is no link.</summary>
    /// <exception cref="IOException">Its links go in a circle; the message names it.</exception>
    internal static string Target(string path)
    {
        var link = Path.TrimEndingDirectorySeparator(path);
        try
        {
            return File.ResolveLinkTarget(link, returnFinalTarget: true)?.FullName ?? path;
        }
        catch (FileNotFoundException)
        {
            return path;
        }
        catch (DirectoryNotFoundException)
        {
            return path;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"cannot write '{path}': its symbolic link cannot be followed ({e.Message.TrimEnd('.').ReplaceLineEndings(" ")}); give the path that it is to point to", e);
        }
    }
}
