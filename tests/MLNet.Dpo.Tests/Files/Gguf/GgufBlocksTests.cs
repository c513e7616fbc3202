using MLNet.Dpo.Files.Gguf;
using Xunit;

namespace MLNet.Dpo.Tests.Files.Gguf;

/// <summary>Blocks by hand; the oracle's tests compare random ones with ggml's own functions.</summary>
public sealed class GgufBlocksTests
{
    [Fact]
    public void QuantizeQ8_ThenDequantize_IsWithinHalfAStep()
    {
        float[] numbers = [.. Enumerable.Range(0, 64).Select(i => (i - 20) * 0.37f)];
        var (bytes, back) = (new byte[68], new float[64]);
        GgufBlocks.QuantizeQ8(numbers, bytes);
        GgufBlocks.Dequantize(GgufType.Q8_0, bytes, back);
        for (var i = 0; i < 64; i++) Assert.InRange(Math.Abs(back[i] - numbers[i]), 0, 0.01f * 43 * 0.37f);
    }

    [Fact]
    public void Dequantize_Q4_IsNibblesMinusEight()
    {
        byte[] block = [.. BitConverter.GetBytes((Half)2f), .. Enumerable.Repeat((byte)0xF0, 16)];
        var numbers = new float[32];
        GgufBlocks.Dequantize(GgufType.Q4_0, block, numbers);
        Assert.All(numbers[..16], number => Assert.Equal(-16, number));
        Assert.All(numbers[16..], number => Assert.Equal(14, number));
    }

    [Fact]
    public void Dequantize_Q6K_IsScaleTimesSixBitsMinus32()
    {
        var block = new byte[210];
        block.AsSpan(192, 16).Fill(3);
        BitConverter.GetBytes((Half)0.5f).CopyTo(block, 208);
        var numbers = new float[256];
        GgufBlocks.Dequantize(GgufType.Q6_K, block, numbers);
        Assert.All(numbers, number => Assert.Equal(-48, number));
    }
}
