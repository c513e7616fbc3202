namespace MLNet.Dpo.Files.Safetensors;

/// <summary>
/// Element types of the safetensors format, named as in the file header and in the format's own order: by rising alignment, which is the
/// order that the reference writer sorts by, from the end (https://github.com/huggingface/safetensors, <c>Dtype</c>).
/// </summary>
internal enum SafetensorsDType
{
    /// <summary>Boolean, one byte, 0 or 1.</summary>
    BOOL,

    /// <summary>4-bit microscaling float; two elements a byte.</summary>
    F4,

    /// <summary>6-bit microscaling float with 2 exponent bits; four elements in three bytes.</summary>
    F6_E2M3,

    /// <summary>6-bit microscaling float with 3 exponent bits; four elements in three bytes.</summary>
    F6_E3M2,

    /// <summary>Unsigned 8-bit integer.</summary>
    U8,

    /// <summary>Signed 8-bit integer.</summary>
    I8,

    /// <summary>8-bit float with 5 exponent bits.</summary>
    F8_E5M2,

    /// <summary>8-bit float with 4 exponent bits.</summary>
    F8_E4M3,

    /// <summary>8-bit scale: 8 exponent bits, no sign.</summary>
    F8_E8M0,

    /// <summary>8-bit float with 4 exponent bits, without infinities and negative zero.</summary>
    F8_E4M3FNUZ,

    /// <summary>8-bit float with 5 exponent bits, without infinities and negative zero.</summary>
    F8_E5M2FNUZ,

    /// <summary>Signed 16-bit integer.</summary>
    I16,

    /// <summary>Unsigned 16-bit integer.</summary>
    U16,

    /// <summary>IEEE 754 half precision.</summary>
    F16,

    /// <summary>bfloat16: the upper half of a single precision float.</summary>
    BF16,

    /// <summary>Signed 32-bit integer.</summary>
    I32,

    /// <summary>Unsigned 32-bit integer.</summary>
    U32,

    /// <summary>IEEE 754 single precision.</summary>
    F32,

    /// <summary>Complex number of two single precision floats.</summary>
    C64,

    /// <summary>IEEE 754 double precision.</summary>
    F64,

    /// <summary>Signed 64-bit integer.</summary>
    I64,

    /// <summary>Unsigned 64-bit integer.</summary>
    U64,
}

/// <summary>Sizes of <see cref="SafetensorsDType"/>.</summary>
internal static class SafetensorsDTypes
{
    /// <summary>The size of one element in bits: 4 and 6 for the packed types, otherwise a multiple of 8.</summary>
    public static int BitSize(this SafetensorsDType dtype) => dtype switch
    {
        SafetensorsDType.F4 => 4,
        SafetensorsDType.F6_E2M3 or SafetensorsDType.F6_E3M2 => 6,
        >= SafetensorsDType.I16 and <= SafetensorsDType.BF16 => 16,
        >= SafetensorsDType.I32 and <= SafetensorsDType.F32 => 32,
        >= SafetensorsDType.C64 and <= SafetensorsDType.U64 => 64,
        SafetensorsDType.BOOL or (>= SafetensorsDType.U8 and <= SafetensorsDType.F8_E5M2FNUZ) => 8,
        _ => throw new ArgumentOutOfRangeException(nameof(dtype), dtype, "the dtype is not one of the safetensors format"),
    };

    /// <summary>The bytes that a tensor takes: the product of <paramref name="shape"/> (1 for a scalar) times the size of an element.</summary>
    /// <exception cref="ArgumentException">A dimension is negative, the size does not fit 64 bits, or packed elements do not fill whole bytes.</exception>
    public static long ByteLength(this SafetensorsDType dtype, IReadOnlyList<long> shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        var bits = (Int128)dtype.BitSize();
        // A dimension of 0 must not hide others that no library can count.
        var nonEmpty = bits;
        foreach (var dimension in shape)
        {
            if (dimension < 0)
                throw new ArgumentException($"the shape [{string.Join(", ", shape)}] has a negative dimension");
            bits *= dimension;
            nonEmpty *= Math.Max(1, dimension);
            if (nonEmpty > (Int128)long.MaxValue * 8)
                throw new ArgumentException($"the shape [{string.Join(", ", shape)}] of {dtype} needs more than 2^63 bytes");
        }
        if (bits % 8 != 0)
            throw new ArgumentException($"the shape [{string.Join(", ", shape)}] of {dtype} does not fill whole bytes");
        return (long)(bits / 8);
    }
}
