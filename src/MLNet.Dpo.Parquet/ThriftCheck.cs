namespace MLNet.Dpo.Parquet;

/// <summary>
/// Walks over what is written in Thrift's compact protocol before the Parquet library reads it: that one believes every count and kind of field, and on damaged bytes goes round for hours without reading
/// any. Here a list holds no more than what is left has room for, each field has its kind, and the work is no more than the bytes.
/// </summary>
/// <param name="stream">The bytes, from where it stands.</param>
/// <param name="length">How many there are.</param>
internal sealed class ThriftCheck(Stream stream, long length)
{
    private const int MaxDepth = 32;
    private const int MaxVarint = 10;
    private const ThriftKind False = (ThriftKind)2, Double = (ThriftKind)7, Set = (ThriftKind)10, Map = (ThriftKind)11;

    private long _left = length;

    /// <summary>Goes over one struct.</summary>
    /// <param name="type">What it is.</param>
    /// <returns>The whole numbers in it and in its structs, by the numbers of the field that holds the struct (0 for this one) and of their own; the last where there are several.</returns>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public IReadOnlyDictionary<(int Outer, int Field), long> Walk(ThriftStruct type)
    {
        var numbers = new Dictionary<(int Outer, int Field), long>();
        Walk(type, 0, 0, numbers);
        return numbers;
    }

    private void Walk(ThriftStruct? type, int outer, int depth, Dictionary<(int Outer, int Field), long> numbers)
    {
        if (depth > MaxDepth) throw Damaged($"structs and lists lie more than {MaxDepth} deep in one another");
        for (int field = 0, header = Byte(); header != 0; header = Byte())
        {
            field = header >> 4 is not 0 and var step ? field + step : (int)ZigZag();
            var kind = (ThriftKind)(header & 15) is False ? ThriftKind.Boolean : (ThriftKind)(header & 15);
            var known = type?.Fields.GetValueOrDefault(field);
            if (known is not null && known.Kind != kind) throw Damaged($"field {field} is of kind {(int)kind}; expected {(int)known.Kind}");
            if (kind is ThriftKind.Int16 or ThriftKind.Int32 or ThriftKind.Int64) numbers[(outer, field)] = ZigZag();
            else if (kind is ThriftKind.Struct) Walk(known?.Struct?.Invoke(), field, depth + 1, numbers);
            else if (kind is not ThriftKind.Boolean) Value(kind, known, depth);
        }
    }

    // In a list, a boolean has a byte of its own, which the Parquet library passes over no byte for.
    private void Value(ThriftKind kind, ThriftType? known, int depth)
    {
        switch (kind)
        {
            case ThriftKind.Byte: Byte(); break;
            case ThriftKind.Int16 or ThriftKind.Int32 or ThriftKind.Int64: Varint(); break;
            case Double: Skip(8); break;
            case ThriftKind.Binary: Skip(Varint()); break;
            case ThriftKind.List or Set: Items(known, depth); break;
            case Map: Pairs(depth); break;
            case ThriftKind.Struct: Walk(known?.Struct?.Invoke(), 0, depth + 1, []); break;
            default: throw Damaged($"there is a value of the kind {(int)kind}, which Parquet does not have there");
        }
    }

    private void Items(ThriftType? known, int depth)
    {
        if (depth > MaxDepth) throw Damaged($"structs and lists lie more than {MaxDepth} deep in one another");
        var header = Byte();
        var item = (ThriftKind)(header & 15);
        var count = header >> 4 is < 15 and var few ? (ulong)few : Varint();
        if (count > (ulong)_left) throw Damaged($"a list has {count} items, and {_left} bytes are left");
        if (known?.Item is { } expected && item != expected && count > 0) throw Damaged($"a list has items of kind {(int)item}; expected {(int)expected}");
        for (var i = 0UL; i < count; i++) Value(item, known, depth + 1);
    }

    private void Pairs(int depth)
    {
        if (depth > MaxDepth) throw Damaged($"structs and lists lie more than {MaxDepth} deep in one another");
        var count = Varint();
        if (count == 0) return;
        if (count > (ulong)_left) throw Damaged($"a map has {count} entries, and {_left} bytes are left");
        var kinds = Byte();
        for (var i = 0UL; i < count; i++)
        {
            Value((ThriftKind)(kinds >> 4), null, depth + 1);
            Value((ThriftKind)(kinds & 15), null, depth + 1);
        }
    }

    private int Byte()
    {
        if (_left-- <= 0 || stream.ReadByte() is not (>= 0 and var value)) throw Damaged("it ends too early");
        return value;
    }

    private void Skip(ulong count)
    {
        if (count > (ulong)_left) throw Damaged($"a text has {count} bytes, and {_left} are left");
        _left -= (long)count;
        stream.Seek((long)count, SeekOrigin.Current);
    }

    private long ZigZag()
    {
        var value = Varint();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    private ulong Varint()
    {
        var value = 0UL;
        for (var i = 0; i < MaxVarint; i++)
        {
            var next = Byte();
            value |= (ulong)(next & 127) << (7 * i);
            if (next < 128) return value;
        }
        throw Damaged("a number has no end");
    }

    private static InvalidDataException Damaged(string what) => new($"its metadata are damaged: {what}");
}
