using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

using MLNet.Dpo.Files;

namespace MLNet.Dpo.Native;

/// <summary>A copy of a shared library that loads where one symbol version is missing, kept in a cache folder.</summary>
internal static class WeakVersionCopy
{
    /// <summary>
    /// Gives the path of a file like <paramref name="source"/> but with its need of <paramref name="version"/> made weak; the source itself where it has no such need.
    /// A copy in the folder is used only when it is, byte for byte, what would be written: a broken or foreign file is replaced. Processes may do this at the same time.
    /// </summary>
    /// <exception cref="InvalidDataException">The source cannot do without the version, or is not understood (see <see cref="ElfVersionNeeds.MakeWeak"/>).</exception>
    /// <exception cref="IOException">The source cannot be read or the copy cannot be written; the message names the file.</exception>
    public static string Of(string source, string version, string folder)
    {
        var content = File.ReadAllBytes(source);
        if (!ElfVersionNeeds.MakeWeak(content, version))
            return source;
        var copy = Path.Combine(folder, $"{Path.GetFileNameWithoutExtension(source)}-{content.Length:x}-{Checksum(content):x8}{Path.GetExtension(source)}");
        if (!Holds(copy, content))
            AtomicFile.Write(copy, stream => stream.Write(content));
        return copy;
    }

    /// <summary>Keeps copies of different sources apart. It guards nothing, the comparison does; a cryptographic hash would cost more than all else here.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // it runs once: the first tier's code is the only one it would see
    private static uint Checksum(byte[] content)
    {
        var sum = 0u;
        foreach (var word in MemoryMarshal.Cast<byte, ulong>(content))
            sum = BitOperations.Crc32C(sum, word);
        return sum;
    }

    private static bool Holds(string path, byte[] content)
    {
        try
        {
            return new FileInfo(path) is { Exists: true } file && file.Length == content.Length && File.ReadAllBytes(path).AsSpan().SequenceEqual(content);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // what cannot be read is replaced
        }
    }
}
