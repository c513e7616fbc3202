using System.Buffers.Binary;
using System.Text;

namespace MLNet.Dpo.Text.SentencePiece;

/// <summary>Reads a protocol buffer's fields one by one; no length is believed that the message does not have.</summary>
internal ref struct ProtoReader(ReadOnlySpan<byte> bytes)
{
    private static readonly UTF8Encoding Utf8 = new(false, throwOnInvalidBytes: true);
    private ReadOnlySpan<byte> _rest = bytes;

    /// <summary>The next field's number and value; false at the end.</summary>
    /// <exception cref="InvalidDataException">The message is broken.</exception>
    public bool Next(out int field, out ProtoValue value)
    {
        field = 0;
        value = default;
        if (_rest.IsEmpty)
            return false;
        ulong tag = Varint();
        field = (int)Math.Min(tag >> 3, int.MaxValue);
        value = (tag & 7) switch
        {
            0 => new ProtoValue(Varint()),
            1 => new ProtoValue(Take(8)),
            2 => new ProtoValue(Take(Varint())),
            5 => new ProtoValue(Take(4)),
            var type => throw new InvalidDataException($"it has a field of the wire type {type}; expected a protocol buffer"),
        };
        return true;
    }

    private ulong Varint()
    {
        ulong number = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            byte next = Take(1)[0];
            number |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return number;
        }
        throw new InvalidDataException("it has a number of more than 64 bits; expected a protocol buffer");
    }

    private ReadOnlySpan<byte> Take(ulong length)
    {
        if (length > (ulong)_rest.Length)
            throw new InvalidDataException($"it has a field of {length} bytes, but only {_rest.Length} follow (truncated?)");
        var taken = _rest[..(int)length];
        _rest = _rest[(int)length..];
        return taken;
    }

    /// <summary>A field's value, which is what the reader of the field takes it for.</summary>
    public readonly ref struct ProtoValue
    {
        private readonly ulong _number;
        private readonly bool _isNumber;
        private readonly ReadOnlySpan<byte> _bytes;

        public ProtoValue(ulong number) => (_number, _isNumber) = (number, true);

        public ProtoValue(ReadOnlySpan<byte> bytes) => _bytes = bytes;

        public int Int => _isNumber ? unchecked((int)_number) : throw new InvalidDataException("it has a text where a number should be");

        public ReadOnlySpan<byte> Bytes => !_isNumber ? _bytes : throw new InvalidDataException("it has a number where a text should be");

        public float Single => _bytes.Length == 4 ? BinaryPrimitives.ReadSingleLittleEndian(_bytes) : throw new InvalidDataException("it has a score that is no 32-bit float");

        public string Text
        {
            get
            {
                try
                {
                    return Utf8.GetString(Bytes);
                }
                catch (DecoderFallbackException e)
                {
                    throw new InvalidDataException("it has a piece that is not valid UTF-8", e);
                }
            }
        }
    }
}
