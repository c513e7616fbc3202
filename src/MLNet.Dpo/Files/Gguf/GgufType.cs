namespace MLNet.Dpo.Files.Gguf;

/// <summary>
/// Element types of the GGUF format, named and numbered as in the file (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md). The quantised ones store blocks of elements.
/// </summary>
internal enum GgufType
{
    /// <summary>IEEE 754 single precision.</summary>
    F32 = 0,

    /// <summary>IEEE 754 half precision.</summary>
    F16 = 1,

    /// <summary>4 bits and a scale for 32 elements.</summary>
    Q4_0 = 2,

    /// <summary>4 bits, a scale and a minimum for 32 elements.</summary>
    Q4_1 = 3,

    /// <summary>5 bits and a scale for 32 elements.</summary>
    Q5_0 = 6,

    /// <summary>5 bits, a scale and a minimum for 32 elements.</summary>
    Q5_1 = 7,

    /// <summary>8 bits and a scale for 32 elements.</summary>
    Q8_0 = 8,

    /// <summary>Q8_0 with the sum of its elements.</summary>
    Q8_1 = 9,

    /// <summary>2 bits, 256 elements.</summary>
    Q2_K = 10,

    /// <summary>3 bits, 256 elements.</summary>
    Q3_K = 11,

    /// <summary>4 bits; 8 scales and minima of 6 bits for 256 elements.</summary>
    Q4_K = 12,

    /// <summary>5 bits; 8 scales and minima of 6 bits for 256 elements.</summary>
    Q5_K = 13,

    /// <summary>6 bits; 16 scales of 8 bits for 256 elements.</summary>
    Q6_K = 14,

    /// <summary>8 bits, 256 elements.</summary>
    Q8_K = 15,

    /// <summary>Signed 8-bit integer.</summary>
    I8 = 24,

    /// <summary>Signed 16-bit integer.</summary>
    I16 = 25,

    /// <summary>Signed 32-bit integer.</summary>
    I32 = 26,

    /// <summary>Signed 64-bit integer.</summary>
    I64 = 27,

    /// <summary>IEEE 754 double precision.</summary>
    F64 = 28,

    /// <summary>bfloat16: the upper half of a single precision float.</summary>
    BF16 = 30,
}

/// <summary>Sizes of <see cref="GgufType"/>.</summary>
internal static class GgufTypes
{
    /// <summary>Elements of a block of the types that end with K.</summary>
    internal const int SuperBlock = 256;

    /// <summary>Elements of a block of the other quantised types.</summary>
    internal const int Block = 32;

    /// <summary>The types that weights are read from.</summary>
    internal const string Readable = "F32, F16, BF16, Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q4_K, Q5_K, Q6_K";

    /// <summary>Elements and bytes of a block (one element where the type has no blocks); null for a type that is not known, so that its length is not either.</summary>
    internal static (int Elements, int Bytes)? BlockOf(GgufType type) => type switch
    {
        GgufType.F32 or GgufType.I32 => (1, 4),
        GgufType.F16 or GgufType.BF16 or GgufType.I16 => (1, 2),
        GgufType.F64 or GgufType.I64 => (1, 8),
        GgufType.I8 => (1, 1),
        GgufType.Q4_0 => (Block, 18),
        GgufType.Q4_1 => (Block, 20),
        GgufType.Q5_0 => (Block, 22),
        GgufType.Q5_1 => (Block, 24),
        GgufType.Q8_0 => (Block, 34),
        GgufType.Q8_1 => (Block, 36),
        GgufType.Q2_K => (SuperBlock, 84),
        GgufType.Q3_K => (SuperBlock, 110),
        GgufType.Q4_K => (SuperBlock, 144),
        GgufType.Q5_K => (SuperBlock, 176),
        GgufType.Q6_K => (SuperBlock, 210),
        GgufType.Q8_K => (SuperBlock, 292),
        _ => null,
    };
}
