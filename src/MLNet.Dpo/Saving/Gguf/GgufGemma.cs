namespace MLNet.Dpo.Saving.Gguf;

/// <summary>What a GGUF file of Gemma 2 or 3 leaves to llama.cpp: the scale of the scores and which layers slide.</summary>
internal static class GgufGemma
{
    /// <summary>The rotary base of Gemma 3's windowed layers.</summary>
    internal const double LocalTheta = 10000;

    // The 27 billion parameter models scale by the mean width of a head rather than by its own.
    private const int LargestGemma2 = 46;
    private const int LargestGemma3 = 62;

    /// <summary><c>query_pre_attn_scalar</c>.</summary>
    internal static double Scale(string architecture, int layers, int hidden, int heads, int headDim) =>
        layers == (architecture == "gemma2" ? LargestGemma2 : LargestGemma3) ? hidden / heads : headDim;

    /// <summary>After how many layers one sees all.</summary>
    internal static int Period(string architecture) => architecture == "gemma2" ? 2 : 6;

    /// <summary>Whether a layer has a window.</summary>
    internal static bool Slides(string architecture, int layer) => (layer + 1) % Period(architecture) != 0;
}
