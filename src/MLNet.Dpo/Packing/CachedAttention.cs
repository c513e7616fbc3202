using MLNet.Dpo.Models;
using static TorchSharp.torch;

namespace MLNet.Dpo.Packing;

/// <summary>Packed attention over prompts that also fills a cache with their keys and values.</summary>
internal sealed class PrefillAttention(PackedBatch prompts, KeyValueCache cache) : IAttentionPattern
{
    public IReadOnlyList<int>? Lengths => prompts.Pattern.Lengths;

    public Tensor Attend(int layer, AttentionSettings settings, Tensor q, Tensor k, Tensor v)
    {
        for (var row = 0; row < prompts.Groups.Count; row++)
        {
            var length = prompts.Groups[row].Prompt.Length;
            var start = prompts.LastPromptRows[row] + 1 - length;
            cache.Fill(layer, row, k.narrow(0, start, length), v.narrow(0, start, length));
        }
        return prompts.Pattern.Attend(layer, settings, q, k, v);
    }
}

/// <summary>Attention of one new token in each sequence over that sequence's cache.</summary>
internal sealed class DecodeAttention(KeyValueCache cache) : IAttentionPattern
{
    public IReadOnlyList<int>? Lengths => null;

    public Tensor Attend(int layer, AttentionSettings settings, Tensor q, Tensor k, Tensor v) => cache.AppendAndAttend(layer, settings, q, k, v);
}
