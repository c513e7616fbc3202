using System.Globalization;
using System.Text.RegularExpressions;
using MLNet.Dpo.Files;

namespace MLNet.Dpo.Training;

/// <summary>A run's output directory, which is this run's alone until it is disposed.</summary>
internal sealed partial class RunFolder : IDisposable
{
    private const string LockName = ".lock";
    private readonly FileStream _lock;

    private RunFolder(FileStream @lock) => _lock = @lock;

    /// <summary>Makes the folder, makes sure that it can be written, takes it, and removes what killed runs left unfinished.</summary>
    /// <param name="path">Null for a run that writes nothing.</param>
    /// <exception cref="IOException">It cannot be made or written, or another run has it.</exception>
    internal static RunFolder? Open(string? path)
    {
        if (path is null) return null;
        TryWriting(path);
        var folder = new RunFolder(Take(path));
        TemporaryName.RemoveLeftovers(path);
        return folder;
    }

    /// <summary>The checkpoints in a folder, the one of the most steps first.</summary>
    internal static IReadOnlyList<string> CheckpointsIn(string path) => !Directory.Exists(path) ? [] :
    [
        .. from folder in Directory.EnumerateDirectories(path)
           let match = Checkpoint().Match(Path.GetFileName(folder))
           where match.Success
           orderby int.Parse(match.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture) descending
           select folder,
    ];

    /// <summary>The steps of a checkpoint, by its folder's name; null for another folder.</summary>
    internal static int? StepOf(string path) =>
        Checkpoint().Match(Path.GetFileName(Path.TrimEndingDirectorySeparator(path))) is { Success: true } match ? int.Parse(match.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture) : null;

    // The file goes with the stream, and the system lets go of it when a process dies: a file that is left over stops nobody.
    public void Dispose() => _lock.Dispose();

    private static void TryWriting(string path)
    {
        try
        {
            Directory.CreateDirectory(path);
            using var trial = new FileStream(Path.Combine(path, $".{LockName}.{Guid.NewGuid():N}.tmp"), FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
            trial.WriteByte(0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"OutputDirectory is '{path}', which cannot be made or written ({e.Message.TrimEnd('.').ReplaceLineEndings(" ")}); give a folder that can be written.", e);
        }
    }

    private static FileStream Take(string path)
    {
        var file = Path.Combine(path, LockName);
        while (true)
        {
            try
            {
                var taken = new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
                if (File.Exists(file)) return taken;
                taken.Dispose(); // it was the last run's, which removed it between our opening and our taking it
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new IOException($"OutputDirectory is '{path}', which another run is writing to (it holds {LockName}); wait for its end, or give another folder.", e);
            }
        }
    }

    [GeneratedRegex("^checkpoint-([0-9]{1,9})$")]
    private static partial Regex Checkpoint();
}
