using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

// PublicReference INPUT.dll OUTPUT.dll: copies an assembly with every type, method and field made public.
// A compiler that is given the copy as its reference lets code use what the original keeps internal; what runs is the original, with
// [assembly: IgnoresAccessChecksTo]. Only visibility bits change, in place: sizes, tokens and everything else stay.
var bytes = File.ReadAllBytes(args[0]);
using var image = new PEReader(new MemoryStream(bytes));
var metadata = image.GetMetadataReader();
var start = image.PEHeaders.MetadataStartOffset;

// ECMA-335 II.22.37, II.22.26, II.22.15: where in its row each table keeps the flags, how wide they are, and which bits are the visibility.
MakePublic(TableIndex.TypeDef, offset: 0, width: 4, row => IsNested(row) ? (int)TypeAttributes.NestedPublic : (int)TypeAttributes.Public, (int)TypeAttributes.VisibilityMask);
MakePublic(TableIndex.MethodDef, offset: 6, width: 2, _ => (int)MethodAttributes.Public, (int)MethodAttributes.MemberAccessMask);
MakePublic(TableIndex.Field, offset: 0, width: 2, _ => (int)FieldAttributes.Public, (int)FieldAttributes.FieldAccessMask);
Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(args[1]))!);
File.WriteAllBytes(args[1], bytes);

bool IsNested(int row) => metadata.GetTypeDefinition(MetadataTokens.TypeDefinitionHandle(row)).IsNested;

void MakePublic(TableIndex table, int offset, int width, Func<int, int> visibility, int mask)
{
    for (var row = 1; row <= metadata.GetTableRowCount(table); row++)
    {
        var flags = bytes.AsSpan(start + metadata.GetTableMetadataOffset(table) + ((row - 1) * metadata.GetTableRowSize(table)) + offset, width);
        flags[0] = (byte)((flags[0] & ~mask) | visibility(row)); // every mask fits the lowest byte
    }
}
