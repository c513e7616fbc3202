using System.IO.Compression;
using System.Text;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data.IO;

/// <summary>Reads the schema of a binary data view; rows, if there are any, are left alone.</summary>
internal static class SchemaReader
{
    public static DataViewSchema Read(IHostEnvironment env, Stream stream)
    {
        using var channel = env.Start("Loading Schema");
        using var reader = new BinaryReader(stream, Encoding.UTF8, leaveOpen: true);
        var header = BinaryHeader.Read(channel, reader);
        var columns = new List<(string Name, ValueCodec Codec, long AnnotationOffset)>();
        stream.Position = header.ColumnCount > 0 ? header.TableOfContentsOffset : stream.Position;
        for (var i = 0; i < header.ColumnCount; i++)
        {
            var name = reader.ReadString();
            var codec = CodecCatalog.ReadDefinition(reader);
            var compression = (CompressionKind)reader.ReadByte();
            var rowsPerBlock = reader.Read7BitEncodedInt64();
            channel.CheckDecode(rowsPerBlock > 0 || header.RowCount == 0, $"Bad number of rows per block {rowsPerBlock} read");
            reader.ReadInt64();
            var annotationOffset = reader.ReadInt64();
            channel.CheckDecode(annotationOffset == 0 || (BinaryHeader.Size <= annotationOffset && annotationOffset <= header.TailOffset), "Metadata TOC offset out of range");
            if (codec != null && Enum.IsDefined(compression))
                columns.Add((name, codec, annotationOffset));
            else
                channel.Warning(MessageSensitivity.Schema, "Cannot interpret column '{0}' at index {1}: type or compression unrecognized", name, i);
        }

        var builder = new DataViewSchema.Builder();
        foreach (var (name, codec, annotationOffset) in columns)
            builder.AddColumn(name, codec.Type, annotationOffset == 0 ? null : ReadAnnotations(channel, reader, annotationOffset, header.TailOffset));
        return builder.ToSchema();
    }

    private static DataViewSchema.Annotations ReadAnnotations(IChannel channel, BinaryReader reader, long offset, long limit)
    {
        reader.BaseStream.Position = offset;
        var count = reader.Read7BitEncodedInt64();
        channel.CheckDecode(0 < count && count < int.MaxValue, "Bad number of metadata TOC entries read");
        var annotations = new DataViewSchema.Annotations.Builder();
        for (var i = 0; i < count; i++)
        {
            var kind = reader.ReadString();
            channel.CheckDecode(kind.Length > 0, "Metadata kind must be non-empty string");
            var codec = CodecCatalog.ReadDefinition(reader);
            var compression = (CompressionKind)reader.ReadByte();
            var blockOffset = reader.ReadInt64();
            var blockLength = reader.Read7BitEncodedInt64();
            channel.CheckDecode(BinaryHeader.Size <= blockOffset && 0 < blockLength && blockLength <= limit - blockOffset, "Metadata block out of range");
            if (codec == null || !Enum.IsDefined(compression))
            {
                channel.Warning(MessageSensitivity.Schema, "Cannot interpret metadata of kind '{0}': type or compression unrecognized", kind);
                continue;
            }
            var next = reader.BaseStream.Position;
            reader.BaseStream.Position = blockOffset;
            using (var block = ReadBlock(reader.ReadBytes((int)blockLength), compression))
                codec.ReadAnnotation(block, annotations, kind);
            reader.BaseStream.Position = next;
        }
        return annotations.ToAnnotations();
    }

    private static BinaryReader ReadBlock(byte[] bytes, CompressionKind compression)
    {
        var block = new MemoryStream(bytes);
        if (compression == CompressionKind.Deflate)
        {
            var inflated = new MemoryStream();
            using (var deflate = new DeflateStream(block, CompressionMode.Decompress))
                deflate.CopyTo(inflated);
            inflated.Position = 0;
            block = inflated;
        }
        return new BinaryReader(block, Encoding.UTF8);
    }
}
