using System.IO.Compression;

namespace MLNet.Dpo.Fuzz;

/// <summary>Damages one entry of a zip and packs it again, so that the damage is met by the entry's reader.</summary>
internal static class ZipDamage
{
    public static byte[] Of(byte[] zip, string entry, int seed)
    {
        using var output = new MemoryStream();
        using (var from = new ZipArchive(new MemoryStream(zip)))
        using (var to = new ZipArchive(output, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var item in from.Entries)
            {
                var bytes = Content(item);
                using var stream = to.CreateEntry(item.FullName, CompressionLevel.NoCompression).Open();
                stream.Write(item.FullName == entry ? Mutator.Mutate(bytes, seed) : bytes);
            }
        }
        return output.ToArray();
    }

    private static byte[] Content(ZipArchiveEntry entry)
    {
        using var bytes = new MemoryStream();
        using var stream = entry.Open();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }
}
