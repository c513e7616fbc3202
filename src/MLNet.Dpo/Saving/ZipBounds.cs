using System.IO.Compression;

namespace MLNet.Dpo.Saving;

/// <summary>Keeps a small zip from taking all memory: no entry of a model shrinks a hundredfold but small ones.</summary>
internal static class ZipBounds
{
    private const long Small = 64L << 20;
    private const long Ratio = 100;

    /// <summary>Checks the lengths that the entries of a zip unpack to; more than these is never unpacked.</summary>
    /// <exception cref="InvalidDataException">One of them is beyond what a model has.</exception>
    internal static void Check(ZipArchive zip)
    {
        foreach (var entry in zip.Entries)
        {
            if (entry.Length > Small && entry.Length / Ratio > entry.CompressedLength)
                throw new InvalidDataException($"the entry {entry.FullName} has {entry.CompressedLength} bytes and would unpack to {entry.Length}, more than a model's does; the file is damaged or hostile.");
        }
    }
}
