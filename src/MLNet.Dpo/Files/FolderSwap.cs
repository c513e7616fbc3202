using System.Runtime.InteropServices;

namespace MLNet.Dpo.Files;

/// <summary>Puts one folder in another's place, in one step where the system can do that.</summary>
internal static partial class FolderSwap
{
    private const int CurrentFolder = -100;
    private const uint Exchange = 2;

    /// <summary>
    /// Moves <paramref name="temporary"/> to <paramref name="path"/>, whose old folder is removed. Linux exchanges the two names in one step
    /// (renameat2); elsewhere the old folder is set aside first and put back when the move fails.
    /// </summary>
    public static void MoveOver(string temporary, string path)
    {
        path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        if (!Directory.Exists(path))
            Directory.Move(temporary, path);
        else if (TryExchange(temporary, path))
            Remove(temporary);
        else
            SetAsideAndMove(temporary, path);
    }

    /// <summary>Removes a folder that is no longer of use; one that cannot be removed stays.</summary>
    public static void Remove(string folder)
    {
        try
        {
            if (Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Left over under a hidden name; what matters is in place already, or another failure is being reported.
        }
    }

    private static void SetAsideAndMove(string temporary, string path)
    {
        using var name = TemporaryName.Beside(path);
        name.Take();
        var aside = name.Path;
        Directory.Move(path, aside);
        try
        {
            Directory.Move(temporary, path);
        }
        catch
        {
            Directory.Move(aside, path);
            throw;
        }
        Remove(aside);
    }

    private static bool TryExchange(string first, string second)
    {
        if (!OperatingSystem.IsLinux())
            return false;
        try
        {
            return RenameAt2(CurrentFolder, first, CurrentFolder, second, Exchange) == 0;
        }
        catch (EntryPointNotFoundException)
        {
            // An older C library.
            return false;
        }
    }

    [LibraryImport("libc", EntryPoint = "renameat2", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int RenameAt2(int firstFolder, string first, int secondFolder, string second, uint flags);
}
