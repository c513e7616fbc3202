namespace MLNet.Dpo.Files;

/// <summary>Replaces a whole folder in one step: the new one is made under a temporary name beside it, goes to the disk, and then takes its name.</summary>
internal static class AtomicFolder
{
    /// <summary>Writes a folder so that, whatever fails on the way, <paramref name="path"/> is either the old folder, untouched, or the new one, complete.</summary>
    /// <param name="path">The folder to write; the folder that it lies in must exist. A symbolic link stays, and what it points to is written.</param>
    /// <param name="write">Fills the folder whose path it gets; when it throws, what it wrote is removed and the exception goes on to the caller.</param>
    /// <param name="replaceOthers">Whether files of the old folder that the new one lacks may go. False, the default, makes them an error: a user
    /// who names a folder with other work in it must not lose that.</param>
    /// <exception cref="DirectoryNotFoundException">The folder that <paramref name="path"/> lies in does not exist.</exception>
    /// <exception cref="IOException">The folder cannot be written, is a file, or holds files that would be lost; the message names it.</exception>
    public static void Write(string path, Action<string> write, bool replaceOthers = false)
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
            TemporaryName.RemoveLeftovers(Path.GetDirectoryName(temporary)!, Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path))));
            Directory.CreateDirectory(temporary);
            write(temporary);
            if (!replaceOthers)
                CheckNothingIsLost(path, temporary);
            FlushToDisk(temporary);
            FolderSwap.MoveOver(temporary, path);
            FolderSync.Flush(Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)))!);
        }
        catch (Exception e)
        {
            FolderSwap.Remove(temporary);
            if (e is UnauthorizedAccessException or IOException)
                throw new IOException(Describe(name.InWords(e.Message), path), e);
            throw;
        }
    }

    private static string Describe(string message, string path) =>
        message.StartsWith("cannot write", StringComparison.Ordinal) ? message : $"cannot write '{path}': {message} (nothing was changed)";

    private static void CheckTarget(string path)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        var parent = Path.GetDirectoryName(full);
        if (parent is null || !Directory.Exists(parent))
            throw new DirectoryNotFoundException($"cannot write '{path}': the folder '{parent ?? full}' does not exist; create it first");
        if (File.Exists(path))
            throw new IOException($"cannot write '{path}': it is a file; give a folder's name");
    }

    private static void CheckNothingIsLost(string path, string temporary)
    {
        if (!Directory.Exists(path))
            return;
        foreach (var old in Directory.EnumerateFileSystemEntries(path, "*", SearchOption.AllDirectories))
        {
            var name = Path.GetRelativePath(path, old);
            if (!Path.Exists(Path.Combine(temporary, name)))
                throw new IOException($"cannot write '{path}': it holds '{name}', which is not part of what is being saved and would be lost; give a new folder or move that away");
        }
    }

    /// <summary>Without this a power cut after the rename could leave files that are named but empty.</summary>
    private static void FlushToDisk(string folder)
    {
        foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.Read, bufferSize: 1);
            stream.Flush(flushToDisk: true);
        }
        foreach (var inner in Directory.EnumerateDirectories(folder, "*", SearchOption.AllDirectories).Append(folder))
            FolderSync.Flush(inner);
    }
}
