using System.Text.RegularExpressions;

namespace MLNet.Dpo.Files;

/// <summary>
/// A name for a file or folder that is not finished yet: hidden, in the same folder as what it will be, so that renaming it stays on one disk, and never used before. A lock file beside it says that its
/// writer lives; the system lets go of the lock when the process dies, so that the next who writes there can tell what is left over.
/// </summary>
internal sealed partial class TemporaryName : IDisposable
{
    private readonly string _target;
    private FileStream? _lock;

    private TemporaryName(string target, string path) => (_target, Path) = (target, path);

    /// <summary>The name, with its folder.</summary>
    public string Path { get; }

    private string LockPath => LockOf(Path);

    /// <summary>A name beside a file or folder; nothing is written yet.</summary>
    public static TemporaryName Beside(string path)
    {
        var full = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path));
        return new TemporaryName(path, System.IO.Path.Combine(System.IO.Path.GetDirectoryName(full)!, $".{System.IO.Path.GetFileName(full)}.{Guid.NewGuid():N}.tmp"));
    }

    /// <summary>Takes the name until it is disposed.</summary>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The same.</exception>
    public void Take() => _lock = new FileStream(LockPath, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);

    /// <summary>An error's message on one line, with the name that the user gave.</summary>
    public string InWords(string message) => message.Replace(LockPath, _target, StringComparison.Ordinal).Replace(Path, _target, StringComparison.Ordinal).ReplaceLineEndings(" ");

    /// <summary>Gives the name back; what has it then is left over.</summary>
    public void Dispose() => _lock?.Dispose();

    /// <summary>Removes what writers that died have left in a folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="name">The name of what they wrote; null for whatever it was.</param>
    public static void RemoveLeftovers(string folder, string? name = null)
    {
        foreach (var entry in Directory.EnumerateFileSystemEntries(folder, name is null ? ".*.tmp*" : $".{name}.*.tmp*").Where(entry => IsOf(name, System.IO.Path.GetFileName(entry))).ToList())
        {
            var left = entry.EndsWith(".lock", StringComparison.Ordinal) ? entry[..^".lock".Length] : entry;
            if (!IsTaken(left)) Remove(left);
        }
    }

    private static bool IsOf(string? name, string entry) => Unfinished().Match(entry) is { Success: true } match && (name is null || match.Groups[1].Value == name);

    private static string LockOf(string path) => path + ".lock";

    // Whoever finishes renames first and gives the lock back then, so that what has no lock is nobody's.
    private static bool IsTaken(string path)
    {
        try
        {
            using var trial = new FileStream(LockOf(path), FileMode.Open, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
            return false;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return true;
        }
    }

    private static void Remove(string path)
    {
        try
        {
            if (Directory.Exists(path)) Directory.Delete(path, recursive: true);
            else File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It takes room and harms nothing.
        }
    }

    [GeneratedRegex(@"^\.(.+)\.[0-9a-f]{32}\.tmp(?:\.lock)?$", RegexOptions.Singleline)]
    private static partial Regex Unfinished();
}
