using MLNet.Dpo.Models;
using MLNet.Dpo.Packing;
using static TorchSharp.torch;

namespace MLNet.Dpo.Conformance;

/// <summary>Runs whole sequences through a model, as the golden files were made.</summary>
internal static class ModelRunner
{
    /// <summary>Hidden states after the last norm and logits of one sequence, flattened row by row.</summary>
    internal static (float[] Hidden, float[] Logits) Run(CausalLM model, int[] tokens)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        using var batch = new PackedBatch([new TokenGroup(tokens, [])], model);
        var hidden = model.Forward(batch.Tokens, batch.Positions, batch.Pattern);
        return (Values(hidden), Values(model.Head.Logits(hidden)));
    }

    /// <summary>The largest difference from golden logits, over all rows that are not padding.</summary>
    internal static double LogitError(CausalLM model, GoldenTensors golden, string logitsName)
    {
        var largest = 0.0;
        var expected = golden.Floats(logitsName);
        var (width, vocabulary) = ((int)golden.Shape(logitsName)[1], (int)golden.Shape(logitsName)[2]);
        foreach (var (row, tokens) in Sequences(golden).Index())
        {
            var logits = Run(model, AsRun(model, tokens, width)).Logits.AsSpan(0, tokens.Length * vocabulary);
            largest = Math.Max(largest, Comparison.MaxDifference(logits, expected.AsSpan(row * width * vocabulary, logits.Length)));
        }
        return largest;
    }

    /// <summary>The golden input sequences without their padding.</summary>
    internal static IEnumerable<int[]> Sequences(GoldenTensors golden)
    {
        var width = (int)golden.Shape("input_ids")[1];
        var ids = golden.Longs("input_ids");
        var mask = golden.Has("attention_mask") ? golden.Longs("attention_mask") : [.. ids.Select(_ => 1L)];
        for (var start = 0; start < ids.Length; start += width)
        {
            var row = start;
            yield return [.. Enumerable.Range(row, width).Where(i => mask[i] == 1).Select(i => (int)ids[i])];
        }
    }

    /// <summary>
    /// The tokens as the golden run had them. Padding behind a sequence changes nothing before it, unless rotary frequencies depend on the length: then it counts, as in transformers.
    /// </summary>
    internal static int[] AsRun(CausalLM model, int[] tokens, int width) =>
        model.Config.Rope is { Scaling.DependsOnLength: true } ? [.. tokens, .. new int[width - tokens.Length]] : tokens;

    private static float[] Values(Tensor tensor) => tensor.contiguous().data<float>().ToArray();
}
