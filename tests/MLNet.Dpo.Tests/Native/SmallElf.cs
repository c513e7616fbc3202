using System.Buffers.Binary;
using System.Text;

namespace MLNet.Dpo.Tests.Native;

/// <summary>The least of a shared library that asks for symbol versions: headers and the tables that say so, no code. Made here, so that the tests run on every system.</summary>
internal static class SmallElf
{
    public const string Version = "GLIBCXX_3.4.32";

    /// <summary>Where the flags of the need of <see cref="Version"/> lie.</summary>
    public const int Flags = Needs + 32 + 4;

    private const int Dynamic = 176, Strings = 272, Versions = 336, Relocations = 352, Needs = 376, Length = 424;
    private const int Address = 0x10000;

    /// <summary>A library with symbol 1 of GLIBCXX_3.4 and symbol 2 of <see cref="Version"/>, and one relocation.</summary>
    /// <param name="relocated">The symbol that the relocation names.</param>
    /// <param name="second">The second version asked for.</param>
    public static byte[] Build(int relocated = 1, string second = Version)
    {
        var file = new byte[Length];
        "\u007fELF\u0002\u0001\u0001"u8.CopyTo(file);
        Put(32, 8, 64); // e_phoff
        Put(54, 2, 56); // e_phentsize
        Put(56, 2, 2); // e_phnum
        Segment(64, type: 1, offset: 0, length: Length);
        Segment(120, type: 2, offset: Dynamic, length: Strings - Dynamic);
        (long Tag, long Value)[] entries = [(5, Address + Strings), (0x6ffffff0, Address + Versions), (0x6ffffffe, Address + Needs), (7, Address + Relocations), (8, 24), (0, 0)];
        for (var i = 0; i < entries.Length; i++)
        {
            Put(Dynamic + 16 * i, 8, entries[i].Tag);
            Put(Dynamic + 16 * i + 8, 8, entries[i].Value);
        }
        Encoding.ASCII.GetBytes($"\0libstdc++.so.6\0GLIBCXX_3.4\0{second}\0").CopyTo(file, Strings); // at 1, 16 and 28
        Put(Versions + 2, 2, 2);
        Put(Versions + 4, 2, 3);
        Put(Relocations + 8, 8, ((long)relocated << 32) | 7);
        Put(Needs, 2, 1); // one library, two versions
        Put(Needs + 2, 2, 2);
        Put(Needs + 4, 4, 1);
        Put(Needs + 8, 4, 16);
        Need(Needs + 16, index: 2, name: 16, next: 16);
        Need(Needs + 32, index: 3, name: 28, next: 0);
        return file;

        void Segment(int at, int type, int offset, int length)
        {
            Put(at, 4, type);
            Put(at + 8, 8, offset);
            Put(at + 16, 8, Address + offset);
            Put(at + 32, 8, length);
        }

        void Need(int at, int index, int name, int next)
        {
            Put(at + 6, 2, index);
            Put(at + 8, 4, name);
            Put(at + 12, 4, next);
        }

        void Put(int at, int size, long value)
        {
            Span<byte> bytes = stackalloc byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
            bytes[..size].CopyTo(file.AsSpan(at));
        }
    }
}
