using MLNet.Dpo.Models;
using MLNet.Dpo.Saving;
using MLNet.Dpo.Training;
using static TorchSharp.torch;

namespace MLNet.Dpo.Tests;

/// <summary>Small things made from the golden data.</summary>
internal static partial class Fixtures
{
    /// <summary>Loads the random Llama; what is asked of it without a transformer or a trainer runs on one thread, as these would choose.</summary>
    public static CausalLM LoadLlama()
    {
        set_num_threads(1);
        return ModelFolder.Load(Llama, CPU);
    }

    /// <summary>Rows of random tokens with two responses each.</summary>
    public static List<PreferenceExample> Pairs(int count, int seed = 1)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(row => new PreferenceExample(row, Tokens(random, 3, 12), [Tokens(random, 2, 9), Tokens(random, 2, 9)], [1, 0]))];
    }

    /// <summary>Random token ids, at least <paramref name="least"/> and fewer than <paramref name="most"/> of them.</summary>
    public static int[] Tokens(Random random, int least, int most) =>
        [.. Enumerable.Range(0, random.Next(least, most)).Select(_ => random.Next(3, 1000))];
}
