using System.Runtime.InteropServices;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data.IO;

/// <summary>The 256 bytes at the start of a binary data view.</summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
internal struct BinaryHeader
{
    public const int Size = 256;

    private const ulong SignatureValue = 0x00425644004C4D43;
    private const ulong TailSignatureValue = 0x434D4C0044564200;
    private const ulong CurrentVersion = 0x0001000100010006;
    private const ulong OldestVersion = 0x0001000100010004;

    [FieldOffset(0)]
    public ulong Signature;
    [FieldOffset(8)]
    public ulong Version;
    [FieldOffset(16)]
    public ulong CompatibleVersion;
    [FieldOffset(24)]
    public long TableOfContentsOffset;
    [FieldOffset(32)]
    public long TailOffset;
    [FieldOffset(40)]
    public long RowCount;
    [FieldOffset(48)]
    public int ColumnCount;

    /// <summary>Writes the tail at the present position, then the header at the start.</summary>
    public static void Write(BinaryWriter writer, long tableOfContentsOffset, int columnCount)
    {
        var header = new BinaryHeader
        {
            Signature = SignatureValue,
            Version = CurrentVersion,
            CompatibleVersion = CurrentVersion,
            TableOfContentsOffset = tableOfContentsOffset,
            TailOffset = writer.BaseStream.Position,
            ColumnCount = columnCount,
        };
        writer.Write(TailSignatureValue);
        writer.BaseStream.Position = 0;
        writer.Write(MemoryMarshal.AsBytes(new ReadOnlySpan<BinaryHeader>(in header)));
    }

    public static BinaryHeader Read(IExceptionContext env, BinaryReader reader)
    {
        var bytes = reader.ReadBytes(Size);
        env.CheckDecode(bytes.Length == Size, $"Read only {bytes.Length} bytes in file, expected header size of {Size}");
        var header = MemoryMarshal.Read<BinaryHeader>(bytes);
        env.CheckDecode(header.Signature == SignatureValue, "This does not appear to be a binary dataview file");
        env.CheckDecode(header.CompatibleVersion <= header.Version, "Compatibility version cannot be greater than file version");
        env.Check(OldestVersion <= header.CompatibleVersion && header.CompatibleVersion <= CurrentVersion,
            $"Cannot read version {Describe(header.CompatibleVersion)} data, only {Describe(OldestVersion)} to {Describe(CurrentVersion)}");
        env.CheckDecode(header.RowCount >= 0, "Row count cannot be negative");
        env.CheckDecode(header.ColumnCount >= 0, "Column count cannot be negative");
        env.CheckDecode(Size <= header.TailOffset && header.TailOffset <= reader.BaseStream.Length - sizeof(ulong), "Tail offset out of range");
        env.CheckDecode(header.ColumnCount == 0 || (Size <= header.TableOfContentsOffset && header.TableOfContentsOffset <= header.TailOffset),
            "Table of contents offset out of range");
        reader.BaseStream.Position = header.TailOffset;
        env.CheckDecode(reader.ReadUInt64() == TailSignatureValue, "Incorrect tail signature");
        return header;
    }

    private static string Describe(ulong version) => $"{version >> 48}.{(version >> 32) & 0xFFFF}.{(version >> 16) & 0xFFFF}.{version & 0xFFFF}";
}
