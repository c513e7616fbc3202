using System.IO.Compression;
using System.Text;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data.IO;

/// <summary>How a block is compressed.</summary>
internal enum CompressionKind : byte
{
    None = 0,
    Deflate = 1,
}

/// <summary>Writes a schema as a binary data view without rows.</summary>
internal static class SchemaWriter
{
    public static void Write(IHostEnvironment env, DataViewSchema schema, Stream stream)
    {
        using var channel = env.Start("Saving Schema");
        var columns = schema.Select(column => (Column: column, Codec: CodecCatalog.Find(column.Type))).ToList();
        foreach (var (column, _) in columns.Where(c => c.Codec == null))
            channel.Info(MessageSensitivity.Schema, "The column '{0}' will not be written as it has unsavable column type.", column.Name);
        columns.RemoveAll(c => c.Codec == null);
        channel.Check(columns.Count > 0, "No valid columns to save");

        using var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true);
        writer.Write(new byte[BinaryHeader.Size]);
        // Where the table of a column's blocks would be: there are none.
        var lookupOffset = stream.Position;
        var annotationOffsets = columns.Select(c => WriteAnnotations(writer, c.Column.Annotations)).ToArray();
        var tableOffset = stream.Position;
        foreach (var ((column, codec), annotationOffset) in columns.Zip(annotationOffsets))
        {
            writer.Write(column.Name);
            codec.WriteDefinition(writer);
            writer.Write((byte)CompressionKind.Deflate);
            writer.Write7BitEncodedInt64(1);
            writer.Write(lookupOffset);
            writer.Write(annotationOffset);
        }
        BinaryHeader.Write(writer, tableOffset, columns.Count);
    }

    /// <summary>Writes the values, then the table of them; returns where the table is, or 0 when there are none.</summary>
    private static long WriteAnnotations(BinaryWriter writer, DataViewSchema.Annotations annotations)
    {
        var entries = new List<(string Kind, ValueCodec Codec, CompressionKind Compression, long Offset, long Length)>();
        foreach (var column in annotations.Schema)
        {
            if (CodecCatalog.Find(column.Type) is not { } codec)
                continue;
            var offset = writer.BaseStream.Position;
            var compression = WriteBlock(writer, codec, annotations, column.Name);
            entries.Add((column.Name, codec, compression, offset, writer.BaseStream.Position - offset));
        }
        if (entries.Count == 0)
            return 0;
        var tableOffset = writer.BaseStream.Position;
        writer.Write7BitEncodedInt64(entries.Count);
        foreach (var (kind, codec, compression, offset, length) in entries)
        {
            writer.Write(kind);
            codec.WriteDefinition(writer);
            writer.Write((byte)compression);
            writer.Write(offset);
            writer.Write7BitEncodedInt64(length);
        }
        return tableOffset;
    }

    /// <summary>Writes a value as it is or compressed, whichever is shorter.</summary>
    private static CompressionKind WriteBlock(BinaryWriter writer, ValueCodec codec, DataViewSchema.Annotations annotations, string kind)
    {
        using var plain = new MemoryStream();
        using (var values = new BinaryWriter(plain, Encoding.UTF8, leaveOpen: true))
            codec.WriteAnnotation(values, annotations, kind);
        using var deflated = new MemoryStream();
        using (var deflate = new DeflateStream(deflated, CompressionMode.Compress, leaveOpen: true))
            deflate.Write(plain.GetBuffer(), 0, (int)plain.Length);
        var shorter = deflated.Length < plain.Length ? deflated : plain;
        writer.Write(shorter.GetBuffer(), 0, (int)shorter.Length);
        return shorter == deflated ? CompressionKind.Deflate : CompressionKind.None;
    }
}
