using Microsoft.Win32.SafeHandles;

namespace MLNet.Dpo.Text;

/// <summary>Opens files to read; one that may not be read is an <see cref="IOException"/> that names it, as one that cannot be.</summary>
internal static class ReadableFile
{
    /// <summary>Opens a file; it may be renamed or deleted meanwhile.</summary>
    /// <exception cref="IOException">It is missing, or cannot be read.</exception>
    internal static SafeFileHandle Open(string path) => Named(path, () => File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete));

    /// <summary>All bytes of a file.</summary>
    /// <exception cref="IOException">It is missing, cannot be read, or is longer than an array can be.</exception>
    internal static byte[] ReadAllBytes(string path) => Named(path, () => File.ReadAllBytes(path));

    /// <summary>Runs what reads a file; the lack of permission becomes an error of the family that callers are promised.</summary>
    internal static T Named<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException(Directory.Exists(path) ? $"{path} is a folder; expected a file." : $"{path} may not be read; give this user permission to read it.", e);
        }
    }
}
