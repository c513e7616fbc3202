using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace MLNet.Dpo.Labeling;

/// <summary>A set of prompts, known by 64 bits of their SHA-256: a saved scorer does not hold the labels' texts.</summary>
internal sealed class PromptSet
{
    internal static readonly PromptSet None = new([]);

    private readonly HashSet<ulong> _hashes;

    private PromptSet(HashSet<ulong> hashes) => _hashes = hashes;

    internal int Count => _hashes.Count;

    internal static PromptSet Of(IEnumerable<string> keys) => new([.. keys.Select(Hash)]);

    internal static PromptSet Union(IEnumerable<PromptSet> sets) => new([.. sets.SelectMany(set => set._hashes)]);

    internal bool Contains(string key) => _hashes.Contains(Hash(key));

    internal void Write(BinaryWriter writer)
    {
        writer.Write(_hashes.Count);
        foreach (var hash in _hashes.Order()) writer.Write(hash);
    }

    internal static PromptSet Read(BinaryReader reader)
    {
        var hashes = new HashSet<ulong>();
        for (var count = reader.ReadInt32(); count > 0; count--) hashes.Add(reader.ReadUInt64());
        return new PromptSet(hashes);
    }

    private static ulong Hash(string key) => BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(key)));
}
