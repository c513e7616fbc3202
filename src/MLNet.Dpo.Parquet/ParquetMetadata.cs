using System.Buffers.Binary;

namespace MLNet.Dpo.Parquet;

/// <summary>Checks a file's metadata before the Parquet library reads them.</summary>
internal static class ParquetMetadata
{
    private const int Tail = 8; // the footer's length and the closing mark
    private const int CompressedSize = 3, DataPage = 5, DataPage2 = 8, NumberOfValues = 1;

    /// <summary>Checks the footer; the stream stands at its beginning afterwards.</summary>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public static void CheckFooter(Stream stream)
    {
        Span<byte> size = stackalloc byte[4];
        stream.Seek(-Tail, SeekOrigin.End);
        stream.ReadExactly(size);
        var length = BinaryPrimitives.ReadUInt32LittleEndian(size);
        if (length > stream.Length - Tail) throw new InvalidDataException($"its footer has {length} bytes, more than the file");
        var footer = new byte[length];
        stream.Seek(-Tail - (long)length, SeekOrigin.End);
        stream.ReadExactly(footer);
        new ThriftCheck(new MemoryStream(footer), length).Walk(ThriftStructs.FileMetadata);
        stream.Seek(0, SeekOrigin.Begin);
    }

    /// <summary>Checks the headers of a row group's pages, as far as its values go.</summary>
    /// <exception cref="InvalidDataException">One is damaged.</exception>
    public static void CheckPages(Stream stream, global::Parquet.Meta.RowGroup group)
    {
        var buffered = new BufferedStream(stream);
        foreach (var column in group.Columns)
        {
            if (column.MetaData is not { } data) continue; // the Parquet library says it
            var at = data.DictionaryPageOffset is > 0 and var dictionary ? Math.Min(dictionary, data.DataPageOffset) : data.DataPageOffset;
            for (long values = 0; values < data.NumValues;)
            {
                if (at < 0 || at >= stream.Length) throw new InvalidDataException("its metadata are damaged: a column's pages lie outside the file");
                buffered.Seek(at, SeekOrigin.Begin);
                var header = new ThriftCheck(buffered, stream.Length - at).Walk(ThriftStructs.PageHeader);
                var size = header.GetValueOrDefault((0, CompressedSize), -1);
                if (size < 0 || size > stream.Length - buffered.Position) throw new InvalidDataException($"its metadata are damaged: a page has {size} bytes");
                at = buffered.Position + size;
                values += header.GetValueOrDefault((DataPage, NumberOfValues)) + header.GetValueOrDefault((DataPage2, NumberOfValues));
            }
        }
        stream.Seek(0, SeekOrigin.Begin);
    }
}
