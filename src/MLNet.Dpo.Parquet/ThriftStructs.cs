namespace MLNet.Dpo.Parquet;

/// <summary>What Thrift's compact protocol has beside structs, lists and fields; booleans of fields have two.</summary>
internal enum ThriftKind
{
    Boolean = 1,
    Byte = 3,
    Int16 = 4,
    Int32 = 5,
    Int64 = 6,
    Binary = 8,
    List = 9,
    Struct = 12,
}

/// <summary>A field's type: its kind, for lists that of the items, and the struct where one of them is.</summary>
internal sealed record ThriftType(ThriftKind Kind, ThriftKind? Item = null, Func<ThriftStruct>? Struct = null);

/// <summary>The fields that a struct may have, by number.</summary>
internal sealed record ThriftStruct(IReadOnlyDictionary<int, ThriftType> Fields);

/// <summary>The structs of Parquet's footer and page headers (parquet.thrift of apache/parquet-format).</summary>
internal static class ThriftStructs
{
    private static readonly ThriftType Int = new(ThriftKind.Int32), Long = new(ThriftKind.Int64), Text = new(ThriftKind.Binary), Flag = new(ThriftKind.Boolean);
    private static readonly ThriftType Ints = new(ThriftKind.List, ThriftKind.Int32), Longs = new(ThriftKind.List, ThriftKind.Int64), Texts = new(ThriftKind.List, ThriftKind.Binary);

    private static readonly ThriftStruct Empty = Of();
    private static readonly ThriftStruct TimeUnit = Of((1, One(Empty)), (2, One(Empty)), (3, One(Empty)));
    private static readonly ThriftStruct Time = Of((1, Flag), (2, One(TimeUnit)));
    private static readonly ThriftStruct Decimal = Of((1, Int), (2, Int));
    private static readonly ThriftStruct Integer = Of((1, new(ThriftKind.Byte)), (2, Flag));
    private static readonly ThriftStruct Geography = Of((1, Text), (2, Int));
    private static readonly ThriftStruct Variant = Of((1, new(ThriftKind.Byte)));

    private static readonly ThriftStruct LogicalType = Of(
        (1, One(Empty)), (2, One(Empty)), (3, One(Empty)), (4, One(Empty)), (5, One(Decimal)), (6, One(Empty)), (7, One(Time)), (8, One(Time)), (10, One(Integer)), (11, One(Empty)),
        (12, One(Empty)), (13, One(Empty)), (14, One(Empty)), (15, One(Empty)), (16, One(Variant)), (17, One(Geography)), (18, One(Geography)));

    private static readonly ThriftStruct SchemaElement = Of(
        (1, Int), (2, Int), (3, Int), (4, Text), (5, Int), (6, Int), (7, Int), (8, Int), (9, Int), (10, One(LogicalType)));

    private static readonly ThriftStruct Statistics = Of((1, Text), (2, Text), (3, Long), (4, Long), (5, Text), (6, Text), (7, Flag), (8, Flag), (9, Long));
    private static readonly ThriftStruct KeyValue = Of((1, Text), (2, Text));
    private static readonly ThriftStruct EncodingStats = Of((1, Int), (2, Int), (3, Int));
    private static readonly ThriftStruct SizeStatistics = Of((1, Long), (2, Longs), (3, Longs));
    private static readonly ThriftStruct SortingColumn = Of((1, Int), (2, Flag), (3, Flag));

    private static readonly ThriftStruct ColumnMetadata = Of(
        (1, Int), (2, Ints), (3, Texts), (4, Int), (5, Long), (6, Long), (7, Long), (8, Many(KeyValue)), (9, Long), (10, Long), (11, Long), (12, One(Statistics)), (13, Many(EncodingStats)), (14, Long), (15, Int),
        (16, One(SizeStatistics)));

    private static readonly ThriftStruct ColumnChunk = Of((1, Text), (2, Long), (3, One(ColumnMetadata)), (4, Long), (5, Int), (6, Long), (7, Int));

    private static readonly ThriftStruct RowGroup = Of((1, Many(ColumnChunk)), (2, Long), (3, Long), (4, Many(SortingColumn)), (5, Long), (6, Long), (7, new(ThriftKind.Int16)));

    private static readonly ThriftStruct ColumnOrder = Of((1, One(Empty)), (2, One(Empty)));

    private static readonly ThriftStruct DataPage = Of((1, Int), (2, Int), (3, Int), (4, Int), (5, One(Statistics)));
    private static readonly ThriftStruct DictionaryPage = Of((1, Int), (2, Int), (3, Flag));
    private static readonly ThriftStruct DataPage2 = Of((1, Int), (2, Int), (3, Int), (4, Int), (5, Int), (6, Int), (7, Flag), (8, One(Statistics)));

    /// <summary>The footer.</summary>
    public static ThriftStruct FileMetadata { get; } = Of((1, Int), (2, Many(SchemaElement)), (3, Long), (4, Many(RowGroup)), (5, Many(KeyValue)), (6, Text), (7, Many(ColumnOrder)));

    /// <summary>What stands before a page.</summary>
    public static ThriftStruct PageHeader { get; } = Of((1, Int), (2, Int), (3, Int), (4, Int), (5, One(DataPage)), (6, One(Empty)), (7, One(DictionaryPage)), (8, One(DataPage2)));

    private static ThriftStruct Of(params IEnumerable<(int Number, ThriftType Type)> fields) => new(fields.ToDictionary(field => field.Number, field => field.Type));

    private static ThriftType One(ThriftStruct item) => new(ThriftKind.Struct, Struct: () => item);

    private static ThriftType Many(ThriftStruct item) => new(ThriftKind.List, ThriftKind.Struct, () => item);
}
