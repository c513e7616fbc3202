using System.Buffers.Binary;

namespace MLNet.Dpo.Files.Gguf;

/// <summary>
/// Quantised blocks and their elements, in the arithmetic of ggml's reference (https://github.com/ggml-org/llama.cpp/blob/master/ggml/src/ggml-quants.c, <c>dequantize_row_*</c>):
/// single precision, in its order, so that the results are the same bits.
/// </summary>
internal static class GgufBlocks
{
    /// <summary>Decodes whole blocks.</summary>
    /// <param name="type">A quantised type that is read.</param>
    /// <param name="blocks">The blocks' bytes.</param>
    /// <param name="elements">What becomes of them.</param>
    /// <exception cref="NotSupportedException">The type is not read.</exception>
    internal static void Dequantize(GgufType type, ReadOnlySpan<byte> blocks, Span<float> elements)
    {
        var (count, bytes) = GgufTypes.BlockOf(type) ?? (1, 1);
        for (var i = 0; i * count < elements.Length; i++)
        {
            var block = blocks.Slice(i * bytes, bytes);
            var y = elements.Slice(i * count, count);
            switch (type)
            {
                case GgufType.Q8_0: Q8(block, y); break;
                case GgufType.Q4_0: Q4(block, y); break;
                case GgufType.Q4_1: Q4WithMinimum(block, y); break;
                case GgufType.Q5_0: Q5(block, y); break;
                case GgufType.Q5_1: Q5WithMinimum(block, y); break;
                case GgufType.Q4_K: Q4K(block, y); break;
                case GgufType.Q5_K: Q5K(block, y); break;
                case GgufType.Q6_K: Q6K(block, y); break;
                default: throw new NotSupportedException($"the type {type} is not read");
            }
        }
    }

    /// <summary>Encodes elements, a multiple of 32, as Q8_0: the scale is the largest magnitude / 127, halves are rounded away from zero.</summary>
    internal static void QuantizeQ8(ReadOnlySpan<float> elements, Span<byte> blocks)
    {
        for (; elements.Length > 0; elements = elements[GgufTypes.Block..], blocks = blocks[34..])
        {
            var most = 0f;
            foreach (var x in elements[..GgufTypes.Block]) most = Math.Max(most, Math.Abs(x));
            var scale = most / 127f;
            var inverse = scale == 0 ? 0 : 1f / scale;
            BinaryPrimitives.WriteHalfLittleEndian(blocks, (Half)scale);
            for (var i = 0; i < GgufTypes.Block; i++) blocks[2 + i] = (byte)(sbyte)MathF.Round(elements[i] * inverse, MidpointRounding.AwayFromZero);
        }
    }

    private static float HalfAt(ReadOnlySpan<byte> block, int at) => (float)BinaryPrimitives.ReadHalfLittleEndian(block[at..]);

    private static void Q8(ReadOnlySpan<byte> block, Span<float> y)
    {
        var d = HalfAt(block, 0);
        for (var i = 0; i < GgufTypes.Block; i++) y[i] = (sbyte)block[2 + i] * d;
    }

    private static void Q4(ReadOnlySpan<byte> block, Span<float> y)
    {
        var d = HalfAt(block, 0);
        for (var i = 0; i < 16; i++)
        {
            y[i] = ((block[2 + i] & 0xF) - 8) * d;
            y[i + 16] = ((block[2 + i] >> 4) - 8) * d;
        }
    }

    private static void Q4WithMinimum(ReadOnlySpan<byte> block, Span<float> y)
    {
        var (d, m) = (HalfAt(block, 0), HalfAt(block, 2));
        for (var i = 0; i < 16; i++)
        {
            y[i] = ((block[4 + i] & 0xF) * d) + m;
            y[i + 16] = ((block[4 + i] >> 4) * d) + m;
        }
    }

    private static void Q5(ReadOnlySpan<byte> block, Span<float> y)
    {
        var d = HalfAt(block, 0);
        var high = BinaryPrimitives.ReadUInt32LittleEndian(block[2..]);
        for (var i = 0; i < 16; i++)
        {
            y[i] = ((block[6 + i] & 0xF) + Fifth(high, i) - 16) * d;
            y[i + 16] = ((block[6 + i] >> 4) + Fifth(high, i + 16) - 16) * d;
        }
    }

    private static void Q5WithMinimum(ReadOnlySpan<byte> block, Span<float> y)
    {
        var (d, m) = (HalfAt(block, 0), HalfAt(block, 2));
        var high = BinaryPrimitives.ReadUInt32LittleEndian(block[4..]);
        for (var i = 0; i < 16; i++)
        {
            y[i] = (((block[8 + i] & 0xF) + Fifth(high, i)) * d) + m;
            y[i + 16] = (((block[8 + i] >> 4) + Fifth(high, i + 16)) * d) + m;
        }
    }

    private static int Fifth(uint high, int element) => (int)((high >> element) & 1) << 4;

    // d, dmin, 8 scales and minima in 12 bytes, 128 bytes of 4 bits: the low halves of 32 bytes are one group of 32, the high halves the next.
    private static void Q4K(ReadOnlySpan<byte> block, Span<float> y)
    {
        var (d, dmin) = (HalfAt(block, 0), HalfAt(block, 2));
        for (var group = 0; group < 8; group++)
        {
            var (scale, minimum) = ScaleAndMinimum(block[4..16], group);
            var (d1, m1) = (d * scale, dmin * minimum);
            var low = block.Slice(16 + (group / 2 * 32), 32);
            for (var i = 0; i < 32; i++) y[(group * 32) + i] = (d1 * (group % 2 == 0 ? low[i] & 0xF : low[i] >> 4)) - m1;
        }
    }

    // As Q4_K, with the fifth bits in 32 bytes between: bit g of byte i is that of element i of group g.
    private static void Q5K(ReadOnlySpan<byte> block, Span<float> y)
    {
        var (d, dmin) = (HalfAt(block, 0), HalfAt(block, 2));
        var high = block.Slice(16, 32);
        for (var group = 0; group < 8; group++)
        {
            var (scale, minimum) = ScaleAndMinimum(block[4..16], group);
            var (d1, m1) = (d * scale, dmin * minimum);
            var low = block.Slice(48 + (group / 2 * 32), 32);
            for (var i = 0; i < 32; i++)
                y[(group * 32) + i] = (d1 * ((group % 2 == 0 ? low[i] & 0xF : low[i] >> 4) + (((high[i] >> group) & 1) << 4))) - m1;
        }
    }

    // 128 bytes of low 4 bits, 64 of high 2 bits, 16 signed scales, d; two halves of 128 elements, each four groups of 32.
    private static void Q6K(ReadOnlySpan<byte> block, Span<float> y)
    {
        var d = HalfAt(block, 208);
        for (var half = 0; half < 2; half++)
        {
            var low = block.Slice(half * 64, 64);
            var high = block.Slice(128 + (half * 32), 32);
            var scales = block.Slice(192 + (half * 8), 8);
            for (var group = 0; group < 4; group++)
            {
                for (var i = 0; i < 32; i++)
                {
                    var bits = low[(group % 2 * 32) + i];
                    var q = ((group < 2 ? bits & 0xF : bits >> 4) | (((high[i] >> (2 * group)) & 3) << 4)) - 32;
                    y[(half * 128) + (group * 32) + i] = d * (sbyte)scales[(group * 2) + (i / 16)] * q;
                }
            }
        }
    }

    private static (int Scale, int Minimum) ScaleAndMinimum(ReadOnlySpan<byte> packed, int group) => group < 4
        ? (packed[group] & 63, packed[group + 4] & 63)
        : ((packed[group + 4] & 0xF) | (packed[group - 4] >> 6 << 4), (packed[group + 4] >> 4) | (packed[group] >> 6 << 4));
}
