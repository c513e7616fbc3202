using System.Runtime.InteropServices;

namespace MLNet.Dpo.Files;

/// <summary>Takes the names in a folder to the disk, so that a power cut after a rename does not bring the old ones back.</summary>
internal static partial class FolderSync
{
    /// <summary>Does so on Linux and macOS; Windows journals names by itself. What the system refuses stays to its own time.</summary>
    public static void Flush(string folder)
    {
        if (!OperatingSystem.IsLinux() && !OperatingSystem.IsMacOS())
            return;
        try
        {
            var stream = OpenDirectory(folder);
            if (stream == 0)
                return;
            FSync(DescriptorOf(stream));
            CloseDirectory(stream);
        }
        catch (Exception e) when (e is EntryPointNotFoundException or DllNotFoundException)
        {
            // A C library without these; what was renamed is in place all the same.
        }
    }

    [LibraryImport("libc", EntryPoint = "opendir", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint OpenDirectory(string path);

    [LibraryImport("libc", EntryPoint = "dirfd")]
    private static partial int DescriptorOf(nint stream);

    [LibraryImport("libc", EntryPoint = "fsync")]
    private static partial int FSync(int descriptor);

    [LibraryImport("libc", EntryPoint = "closedir")]
    private static partial int CloseDirectory(nint stream);
}
