namespace MLNet.Dpo.Files;

/// <summary>Replaces a file in one step: the new content goes to a temporary file beside it, to the disk, and then takes its name.</summary>
internal static class AtomicFile
{
    /// <summary>Writes a file so that, whatever fails on the way, <paramref name="path"/> holds either its old content or all of the new.</summary>
    /// <param name="path">The file to write; its folder must exist. A symbolic link stays, and what it points to is written.</param>
    /// <param name="write">Writes the content; when it throws, the temporary file is removed and the exception goes on to the caller.</param>
    /// <param name="removeLeftovers">Whether what killed writers of this file left beside it is removed; who writes many files of a folder does that once.</param>
    /// <exception cref="DirectoryNotFoundException">The folder of <paramref name="path"/> does not exist.</exception>
    /// <exception cref="IOException">The file cannot be written (disk full, no permission, the path is a folder); the message names it.</exception>
    public static void Write(string path, Action<Stream> write, bool removeLeftovers = true)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(write);
        path = SymbolicLink.Target(path);
        CheckTarget(path);
        using var name = TemporaryName.Beside(path);
        var temporary = name.Path;
        try
        {
            name.Take();
            if (removeLeftovers) TemporaryName.RemoveLeftovers(Path.GetDirectoryName(temporary)!, Path.GetFileName(path));
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }
            KeepMode(path, temporary);
            File.Move(temporary, path, overwrite: true);
            FolderSync.Flush(Path.GetDirectoryName(Path.GetFullPath(path))!);
        }
        catch (Exception e)
        {
            Remove(temporary);
            if (e is UnauthorizedAccessException or IOException)
                throw new IOException($"cannot write '{path}': {name.InWords(e.Message)} (nothing was changed)", e);
            throw;
        }
    }

    private static void CheckTarget(string path)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path));
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"cannot write '{path}': the folder '{folder}' does not exist; create it first");
        if (Directory.Exists(path))
            throw new IOException($"cannot write '{path}': it is a folder; give a file's name");
    }

    /// <summary>The new file is as readable by others as the one that it replaces.</summary>
    private static void KeepMode(string path, string temporary)
    {
        if (!OperatingSystem.IsWindows() && File.Exists(path))
            File.SetUnixFileMode(temporary, File.GetUnixFileMode(path));
    }

    private static void Remove(string temporary)
    {
        try
        {
            File.Delete(temporary);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The failure that brought us here is the one to report.
        }
    }
}
