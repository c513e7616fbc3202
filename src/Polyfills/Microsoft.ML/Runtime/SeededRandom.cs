using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>Random generators whose sequences are ML.NET's for the same seed.</summary>
internal static class SeededRandom
{
    public static TauswortheHybrid Create(int? seed) => seed is { } value ? Create((uint)value) : new TauswortheHybrid(new Random());

    public static TauswortheHybrid Create(uint seed)
    {
        var u2 = Murmur3.Round(seed, seed);
        var u3 = Murmur3.Round(u2, seed);
        return new TauswortheHybrid(seed, u2, u3, Murmur3.Round(u3, seed));
    }

    public static TauswortheHybrid Create(Random seed) => new(seed);
}

/// <summary>Three Tausworthe generators and a linear congruential one, combined (GPU Gems 3, chapter 37).</summary>
internal sealed class TauswortheHybrid : Random
{
    private uint _z1;
    private uint _z2;
    private uint _z3;
    private uint _z4;

    public TauswortheHybrid(uint z1, uint z2, uint z3, uint z4)
    {
        _z1 = z1;
        _z2 = z2;
        _z3 = z3;
        _z4 = z4;
    }

    public TauswortheHybrid(Random seed)
    {
        _z1 = NextSeed(seed);
        _z2 = NextSeed(seed);
        _z3 = NextSeed(seed);
        _z4 = NextWord(seed);
    }

    public override float NextSingle() => (NextUInt32() >> 9) * (1f / (1 << 23));

    public override double NextDouble() => NextUInt32() * (1.0 / (1L << 32));

    public override int Next()
    {
        var u = NextUInt32();
        return (int)(u + (u & 0x80000000U));
    }

    public override int Next(int maxValue)
    {
        Contracts.CheckParam(maxValue >= 0, nameof(maxValue), "maxValue must be non-negative");
        return (int)(((ulong)NextUInt32() * (ulong)maxValue) >> 32);
    }

    public override int Next(int minValue, int maxValue)
    {
        Contracts.CheckParam(minValue <= maxValue, nameof(minValue), "minValue must be less than or equal to maxValue.");
        return (int)((long)(NextDouble() * ((long)maxValue - minValue)) + minValue);
    }

    public override void NextBytes(byte[] buffer)
    {
        Contracts.CheckValue(buffer, nameof(buffer));
        for (var i = 0; i < buffer.Length; i++)
            buffer[i] = (byte)Next();
    }

    private static uint NextWord(Random random) => ((uint)random.Next(0x10000) << 16) | (uint)random.Next(0x10000);

    private static uint NextSeed(Random random)
    {
        uint word;
        do
        {
            word = NextWord(random);
        }
        while (word < 128);
        return word;
    }

    private uint NextUInt32()
    {
        _z1 = ((_z1 & ~0x1U) << 12) ^ (((_z1 << 13) ^ _z1) >> 19);
        _z2 = ((_z2 & ~0x7U) << 4) ^ (((_z2 << 2) ^ _z2) >> 25);
        _z3 = ((_z3 & ~0xFU) << 17) ^ (((_z3 << 3) ^ _z3) >> 11);
        _z4 = 1664525 * _z4 + 1013904223;
        return _z1 ^ _z2 ^ _z3 ^ _z4;
    }
}
