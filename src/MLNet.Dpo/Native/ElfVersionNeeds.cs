using System.Buffers.Binary;
using System.Text;

namespace MLNet.Dpo.Native;

/// <summary>
/// The symbol versions that a shared library asks of others, read as the dynamic linker reads them: program headers, dynamic section, tables (section headers may be stripped).
/// ELF with 64-bit little-endian words, which is Linux on x64 and on arm64; names and layouts are those of elf.h. It runs once, cold: it looks things up again rather than keep them.
/// </summary>
internal readonly ref struct ElfVersionNeeds
{
    private const ushort WeakFlag = 2;
    private const uint LoadSegment = 1, DynamicSegment = 2;
    private const ulong PltRelSize = 2, StringTable = 5, Rela = 7, RelaSize = 8, PltRel = 23, SymbolVersions = 0x6ffffff0, VersionNeeds = 0x6ffffffe; // tags of the dynamic section
    private readonly ReadOnlySpan<byte> _file;

    private ElfVersionNeeds(ReadOnlySpan<byte> file)
    {
        _file = file.StartsWith("\u007fELF\u0002\u0001"u8) ? file : throw new InvalidDataException("it is not an ELF file with 64-bit little-endian words");
    }

    /// <summary>Marks a version need as weak, in place: the linker then loads the file where the version is missing. Only the need's flags (two bytes) are written.</summary>
    /// <returns>False when the file does not ask for the version, or already weakly; nothing is written then.</returns>
    /// <exception cref="InvalidDataException">The file is not of the layout above, or it uses a symbol of that version and so cannot do without.</exception>
    public static bool MakeWeak(Span<byte> file, string version)
    {
        var elf = new ElfVersionNeeds(file);
        if (elf.Find(version) is not { } need || (elf.U16(need + 4) & WeakFlag) != 0) // vna_flags
            return false;
        var index = elf.U16(need + 6); // vna_other
        if (elf.Uses(index, Rela, RelaSize) || elf.Uses(index, PltRel, PltRelSize))
            throw new InvalidDataException($"it uses a symbol of {version}");
        BinaryPrimitives.WriteUInt16LittleEndian(file[(int)(need + 4)..], (ushort)(elf.U16(need + 4) | WeakFlag));
        return true;
    }

    /// <summary>Where the version's entry (Vernaux) lies in the file; null when there is none.</summary>
    private ulong? Find(string version)
    {
        if (Value(VersionNeeds) is null)
            return null;
        var name = Encoding.ASCII.GetBytes(version + '\0');
        var strings = Table(StringTable);
        for (ulong library = Table(VersionNeeds), next; ; library += next) // Verneed: one a library; the steps are unsigned, so the walk ends with the file
        {
            var entry = library + U32(library + 8); // vn_aux
            for (var left = U16(library + 2); left > 0; left--) // vn_cnt
            {
                if (Bytes(strings + U32(entry + 8), name.Length).SequenceEqual(name)) // vna_name
                    return entry;
                entry += U32(entry + 12); // vna_next
            }
            next = U32(library + 12); // vn_next
            if (next == 0)
                return null;
        }
    }

    /// <summary>Whether a relocation in the table names a symbol of the version with this index; a symbol that none names is never looked up.</summary>
    private bool Uses(ushort versionIndex, ulong table, ulong size)
    {
        if (Value(size) is not { } length || length == 0)
            return false;
        var versions = Table(SymbolVersions);
        var start = Table(table);
        for (ulong at = 0; at < length; at += 24) // Elf64_Rela: offset, info (symbol in its upper half), addend
            if ((U16(versions + 2 * (U64(start + at + 8) >> 32)) & 0x7fff) == versionIndex) // the top bit says "hidden"
                return true;
        return false;
    }

    /// <summary>Where in the file a table of the dynamic section lies: the section gives its address in memory.</summary>
    private ulong Table(ulong tag)
    {
        var address = Value(tag) ?? throw new InvalidDataException($"its dynamic section has no entry 0x{tag:x}");
        for (var i = 0; Header(i, LoadSegment) is { } header; i++)
            if (address - U64(header + 16) is var inside && inside < U64(header + 32)) // p_vaddr, p_filesz
                return U64(header + 8) + inside; // p_offset
        throw new InvalidDataException($"entry 0x{tag:x} of its dynamic section points out of the file");
    }

    /// <summary>The value of an entry of the dynamic section; null when there is none.</summary>
    private ulong? Value(ulong tag)
    {
        if (Header(0, DynamicSegment) is not { } header)
            return null;
        for (ulong at = U64(header + 8), end = at + U64(header + 32); at < end && U64(at) != 0; at += 16) // 0 ends the section
            if (U64(at) == tag)
                return U64(at + 8);
        return null;
    }

    /// <summary>Where the program header of the n-th segment of a type lies.</summary>
    private ulong? Header(int n, uint type)
    {
        var header = U64(32); // e_phoff
        for (var left = U16(56); left > 0; left--, header += U16(54)) // e_phnum, e_phentsize
            if (U32(header) == type && n-- == 0)
                return header;
        return null;
    }

    private ushort U16(ulong at) => BinaryPrimitives.ReadUInt16LittleEndian(Bytes(at, 2));

    private uint U32(ulong at) => BinaryPrimitives.ReadUInt32LittleEndian(Bytes(at, 4));

    private ulong U64(ulong at) => BinaryPrimitives.ReadUInt64LittleEndian(Bytes(at, 8));

    private ReadOnlySpan<byte> Bytes(ulong at, int count) => at <= (ulong)_file.Length && (ulong)count <= (ulong)_file.Length - at
        ? _file.Slice((int)at, count)
        : throw new InvalidDataException("it is cut short, or a table in it points past its end");
}
