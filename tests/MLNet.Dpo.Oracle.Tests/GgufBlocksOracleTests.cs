using MLNet.Dpo.Files.Gguf;
using Xunit;

namespace MLNet.Dpo.Tests;

/// <summary>Quantised blocks against ggml's own reference functions.</summary>
public sealed unsafe class GgufBlocksOracleTests
{
    private const int Elements = 256 * 64;

    [LlamaCppTheory]
    [InlineData("q8_0")]
    [InlineData("q4_0")]
    [InlineData("q4_1")]
    [InlineData("q5_0")]
    [InlineData("q5_1")]
    [InlineData("q4_K")]
    [InlineData("q5_K")]
    [InlineData("q6_K")]
    public void Dequantize_RandomBlocks_SameBitsAsGgml(string name)
    {
        var type = Enum.Parse<GgufType>(name, ignoreCase: true);
        var block = GgufTypes.BlockOf(type)!.Value;
        var bytes = new byte[Elements / block.Elements * block.Bytes];
        new Random(5).NextBytes(bytes);
        var (ours, theirs) = (new float[Elements], new float[Elements]);
        GgufBlocks.Dequantize(type, bytes, ours);
        var function = (delegate* unmanaged[Cdecl]<byte*, float*, long, void>)LlamaCpp.Ggml($"dequantize_row_{name}");
        fixed (byte* from = bytes)
        fixed (float* to = theirs)
        {
            function(from, to, Elements);
        }
        Assert.Equal(Bits(theirs), Bits(ours));
    }

    [LlamaCppFact]
    public void QuantizeQ8_RandomNumbers_SameBytesAsGgml()
    {
        var random = new Random(6);
        var numbers = new float[Elements];
        for (var i = 0; i < numbers.Length; i++) numbers[i] = i / 32 % 50 == 0 ? 0 : (float)((random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-6, 3)));
        var (ours, theirs) = (new byte[Elements / 32 * 34], new byte[Elements / 32 * 34]);
        GgufBlocks.QuantizeQ8(numbers, ours);
        var function = (delegate* unmanaged[Cdecl]<float*, byte*, long, void>)LlamaCpp.Ggml("quantize_row_q8_0_ref");
        fixed (float* from = numbers)
        fixed (byte* to = theirs)
        {
            function(from, to, Elements);
        }
        Assert.Equal(theirs, ours);
    }

    // Random bytes are scales that are NaN too; whether its sign bit is set says nothing.
    private static int[] Bits(float[] numbers) => [.. numbers.Select(number => float.IsNaN(number) ? int.MinValue + 1 : BitConverter.SingleToInt32Bits(number))];
}
