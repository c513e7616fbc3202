using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data.IO;

/// <summary>Finds the codec of a type, and reads codecs from their definitions.</summary>
internal static class CodecCatalog
{
    private static readonly ValueCodec[] Primitives =
    [
        new PackedCodec<sbyte>(NumberDataViewType.SByte), new PackedCodec<byte>(NumberDataViewType.Byte),
        new PackedCodec<short>(NumberDataViewType.Int16), new PackedCodec<ushort>(NumberDataViewType.UInt16),
        new PackedCodec<int>(NumberDataViewType.Int32), new PackedCodec<uint>(NumberDataViewType.UInt32),
        new PackedCodec<long>(NumberDataViewType.Int64), new PackedCodec<ulong>(NumberDataViewType.UInt64),
        new PackedCodec<float>(NumberDataViewType.Single), new PackedCodec<double>(NumberDataViewType.Double),
        new PackedCodec<TimeSpan>(TimeSpanDataViewType.Instance), new PackedCodec<DataViewRowId>(RowIdDataViewType.Instance),
        new TextCodec(), new BooleanCodec(), new DateTimeCodec(), new DateTimeOffsetCodec(),
    ];

    /// <summary>The codec of a type, or null.</summary>
    public static ValueCodec Find(DataViewType type)
    {
        if (type is VectorDataViewType vector)
            return Find(vector.ItemType) is { } items ? Create(typeof(VectorCodec<>), items, vector) : null;
        var stored = Array.Find(Primitives, codec => codec.Type.RawType == type.RawType);
        return type is KeyDataViewType ? Create(typeof(KeyCodec<>), stored, type) : stored;
    }

    /// <summary>Reads a definition; null when the type is not known, with the reader after it.</summary>
    public static ValueCodec ReadDefinition(BinaryReader reader)
    {
        var name = reader.ReadString();
        Contracts.CheckDecode(name.Length > 0, "Non-empty signature string expected");
        var length = reader.Read7BitEncodedInt64();
        var end = reader.BaseStream.Position + length;
        Contracts.CheckDecode(length >= 0 && end <= reader.BaseStream.Length, "Codec type definition is longer than the file");
        var codec = name switch
        {
            VectorCodec.LoadName => ReadVector(reader),
            KeyCodec<uint>.LoadName => ReadKey(reader),
            _ => Array.Find(Primitives, primitive => primitive.Name == name),
        };
        if (codec == null)
            reader.BaseStream.Position = end;
        Contracts.CheckDecode(reader.BaseStream.Position == end, $"Codec type definition of '{name}' has an unexpected length");
        return codec;
    }

    private static ValueCodec ReadVector(BinaryReader reader)
    {
        var items = ReadDefinition(reader);
        if (items == null)
            return null;
        Contracts.CheckDecode(items.Type is PrimitiveDataViewType, "Vector items must be primitive");
        var rank = reader.ReadInt32();
        Contracts.CheckDecode(0 <= rank && rank <= reader.BaseStream.Length / sizeof(int), "Number of dimensions out of range");
        var dimensions = Enumerable.Range(0, rank).Select(_ => reader.ReadInt32()).ToArray();
        Contracts.CheckDecode(dimensions.All(d => d >= 0), "Dimensions cannot be negative");
        return Find(new VectorDataViewType((PrimitiveDataViewType)items.Type, rank > 0 ? dimensions : [0]));
    }

    private static ValueCodec ReadKey(BinaryReader reader)
    {
        var stored = ReadDefinition(reader);
        if (stored == null)
            return null;
        Contracts.CheckDecode(KeyDataViewType.IsValidDataType(stored.Type.RawType), "Type cannot store keys");
        var count = reader.ReadUInt64();
        Contracts.CheckDecode(count > 0, "Number of keys must be positive");
        return Find(new KeyDataViewType(stored.Type.RawType, count));
    }

    private static ValueCodec Create(Type codec, ValueCodec inner, DataViewType type)
        => (ValueCodec)Activator.CreateInstance(codec.MakeGenericType(inner.Type.RawType), inner, type);
}
