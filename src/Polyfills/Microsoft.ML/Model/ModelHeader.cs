using System.Runtime.InteropServices;
using System.Text;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>
/// The 256 bytes at the start of a model stream, little endian. Behind them lie the model block, the strings that it refers to by number
/// (ends in bytes, then UTF-16), the assembly name (UTF-16) and a closing signature. Offsets count from the header's start.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
internal struct ModelHeader
{
    public const int Size = 0x100;
    public const ulong SignatureValue = 0x4C45444F4D004C4D;
    public const ulong TailSignatureValue = 0x4D4C004D4F44454C;

    private const uint WrittenVersion = 0x00010002;
    private const uint ReadableVersion = 0x00010002;
    private const uint OldestReadableVersion = 0x00010001;
    private const uint AssemblyNameVersion = 0x00010002;

    [FieldOffset(0x00)]
    public ulong Signature;
    [FieldOffset(0x08)]
    public uint VerWritten;
    [FieldOffset(0x0C)]
    public uint VerReadable;
    [FieldOffset(0x10)]
    public long FpModel;
    [FieldOffset(0x18)]
    public long CbModel;
    [FieldOffset(0x20)]
    public long FpStringTable;
    [FieldOffset(0x28)]
    public long CbStringTable;
    [FieldOffset(0x30)]
    public long FpStringChars;
    [FieldOffset(0x38)]
    public long CbStringChars;
    [FieldOffset(0x40)]
    public ulong ModelSignature;
    [FieldOffset(0x48)]
    public uint ModelVerWritten;
    [FieldOffset(0x4C)]
    public uint ModelVerReadable;
    [FieldOffset(0x50)]
    public LoaderName Loader;
    [FieldOffset(0x68)]
    public LoaderName LoaderAlt;
    [FieldOffset(0x80)]
    public long FpTail;
    [FieldOffset(0x88)]
    public long FpLim;
    [FieldOffset(0x90)]
    public long FpAssemblyName;
    [FieldOffset(0x98)]
    public uint CbAssemblyName;

    public static ModelHeader BeginWrite(BinaryWriter writer, out long start)
    {
        start = writer.BaseStream.Position;
        writer.Write(new byte[Size]);
        return new ModelHeader { Signature = SignatureValue, VerWritten = WrittenVersion, VerReadable = ReadableVersion, FpModel = Size };
    }

    public static ModelHeader BeginRead(BinaryReader reader, out long start, out string[] strings, out string assemblyName)
    {
        start = reader.BaseStream.Position;
        var bytes = reader.ReadBytes(Size);
        Contracts.CheckDecode(bytes.Length == Size);
        var header = MemoryMarshal.Read<ModelHeader>(bytes);
        header.Validate(reader.BaseStream.Length - start);
        strings = header.ReadStrings(reader, start);
        assemblyName = header.ReadAssemblyName(reader, start);
        reader.BaseStream.Position = start + header.FpTail;
        Contracts.CheckDecode(reader.ReadUInt64() == TailSignatureValue, "Corrupt model file tail");
        reader.BaseStream.Position = start + header.FpModel;
        return header;
    }

    public void SetVersionInfo(VersionInfo version)
    {
        ModelSignature = version.ModelSignature;
        ModelVerWritten = version.VerWrittenCur;
        ModelVerReadable = version.VerReadableCur;
        Loader = new LoaderName(version.LoaderSignature);
        LoaderAlt = new LoaderName(version.LoaderSignatureAlt);
    }

    public readonly void CheckVersionInfo(VersionInfo version)
    {
        Contracts.CheckDecode(ModelSignature == version.ModelSignature, "Unknown file type");
        Contracts.CheckDecode(ModelVerReadable <= ModelVerWritten, "Corrupt file header");
        Contracts.CheckDecode(ModelVerReadable <= version.VerWrittenCur,
            $"Component '{version.LoaderSignature}' of the model is too new: maximum expected version {version.VerWrittenCur}, got {ModelVerReadable}.");
        Contracts.CheckDecode(ModelVerWritten >= version.VerWeCanReadBack,
            $"Component '{version.LoaderSignature}' of the model is too old: minimum expected version {version.VerWeCanReadBack}, got {ModelVerWritten}.");
    }

    public void EndWrite(BinaryWriter writer, long start, IReadOnlyList<string> strings, string assemblyName)
    {
        CbModel = writer.BaseStream.Position - start - FpModel;
        if (strings.Count > 0)
            WriteStrings(writer, start, strings);
        if (!string.IsNullOrEmpty(assemblyName))
        {
            FpAssemblyName = writer.BaseStream.Position - start;
            CbAssemblyName = (uint)assemblyName.Length * sizeof(char);
            writer.Write(MemoryMarshal.AsBytes(assemblyName.AsSpan()));
        }
        FpTail = writer.BaseStream.Position - start;
        writer.Write(TailSignatureValue);
        FpLim = writer.BaseStream.Position - start;

        writer.BaseStream.Position = start;
        writer.Write(MemoryMarshal.AsBytes(new ReadOnlySpan<ModelHeader>(in this)));
        writer.Flush();
        writer.BaseStream.Position = start + FpLim;
    }

    public readonly void EndRead(BinaryReader reader, long start)
    {
        Contracts.CheckDecode(FpModel + CbModel == reader.BaseStream.Position - start);
        reader.BaseStream.Position = start + FpLim;
    }

    private void WriteStrings(BinaryWriter writer, long start, IReadOnlyList<string> strings)
    {
        FpStringTable = writer.BaseStream.Position - start;
        CbStringTable = strings.Count * sizeof(long);
        long end = 0;
        foreach (var text in strings)
            writer.Write(end += text.Length * sizeof(char));
        FpStringChars = FpStringTable + CbStringTable;
        CbStringChars = end;
        foreach (var text in strings)
            writer.Write(MemoryMarshal.AsBytes(text.AsSpan()));
    }

    private readonly string[] ReadStrings(BinaryReader reader, long start)
    {
        if (FpStringTable == 0)
            return null;
        reader.BaseStream.Position = start + FpStringTable;
        var ends = new long[CbStringTable / sizeof(long)];
        for (var i = 0; i < ends.Length; i++)
            ends[i] = reader.ReadInt64();
        Contracts.CheckDecode(ends[^1] == CbStringChars);
        var strings = new string[ends.Length];
        for (var i = 0; i < ends.Length; i++)
        {
            var length = ends[i] - (i == 0 ? 0 : ends[i - 1]);
            Contracts.CheckDecode(length >= 0 && length < int.MaxValue && length % sizeof(char) == 0);
            strings[i] = Encoding.Unicode.GetString(reader.ReadBytes((int)length));
        }
        return strings;
    }

    private readonly string ReadAssemblyName(BinaryReader reader, long start)
    {
        if (VerWritten < AssemblyNameVersion || FpAssemblyName == 0)
            return null;
        reader.BaseStream.Position = start + FpAssemblyName;
        return Encoding.Unicode.GetString(reader.ReadBytes((int)CbAssemblyName));
    }

    private readonly void Validate(long size)
    {
        Contracts.CheckDecode(Signature == SignatureValue, "Wrong file type");
        Contracts.CheckDecode(VerReadable <= VerWritten, "Corrupt file header");
        Contracts.CheckDecode(VerReadable <= WrittenVersion, "File is too new");
        Contracts.CheckDecode(VerWritten >= OldestReadableVersion, "File is too old");
        Contracts.CheckDecode(FpModel == Size && CbModel >= 0);

        var end = FpModel + CbModel;
        if (FpStringTable == 0)
        {
            Contracts.CheckDecode(CbStringTable == 0 && FpStringChars == 0 && CbStringChars == 0);
        }
        else
        {
            Contracts.CheckDecode(FpStringTable == end && CbStringTable > 0 && CbStringTable % sizeof(long) == 0 && CbStringTable / sizeof(long) < int.MaxValue);
            Contracts.CheckDecode(FpStringChars == FpStringTable + CbStringTable && CbStringChars >= 0 && CbStringChars % sizeof(char) == 0);
            end = FpStringChars + CbStringChars;
        }
        if (VerWritten >= AssemblyNameVersion && FpAssemblyName != 0)
        {
            Contracts.CheckDecode(FpAssemblyName == end && CbAssemblyName % sizeof(char) == 0);
            end += CbAssemblyName;
        }
        Contracts.CheckDecode(FpTail == end && FpLim == FpTail + sizeof(ulong) && size >= FpLim);
    }

    /// <summary>Up to 24 Latin-1 characters, padded with zeros.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct LoaderName
    {
        private const int Length = 24;
        private ulong _first;
        private ulong _second;
        private ulong _third;

        public LoaderName(string name)
        {
            if (name == null)
                return;
            Contracts.Check(name.Length <= Length && name.All(c => c <= 0xFF));
            Encoding.Latin1.GetBytes(name, MemoryMarshal.AsBytes(MemoryMarshal.CreateSpan(ref this, 1)));
        }

        public override readonly string ToString()
            => Encoding.Latin1.GetString(MemoryMarshal.AsBytes(new ReadOnlySpan<LoaderName>(in this))).TrimEnd('\0');
    }
}
