using static TorchSharp.torch;

namespace MLNet.Dpo.Models;

/// <summary>Who may look at whom, and where keys and values are kept: the packed rows of a training batch, or a generation's cache.</summary>
internal interface IAttentionPattern
{
    /// <summary>
    /// [tokens]: the tokens of each row's whole sequence, for rotary embeddings that depend on it; null: each row is the newest of its sequence, which ends with it.
    /// </summary>
    IReadOnlyList<int>? Lengths { get; }

    /// <summary>Attends within one layer.</summary>
    /// <param name="layer">Index of the layer.</param>
    /// <param name="settings">The layer's settings; the pattern honours all of them.</param>
    /// <param name="q">Rotated queries, [tokens, heads, D].</param>
    /// <param name="k">Rotated keys, [tokens, key-value heads, D].</param>
    /// <param name="v">Values, [tokens, key-value heads, D].</param>
    /// <returns>[tokens, heads · D].</returns>
    Tensor Attend(int layer, AttentionSettings settings, Tensor q, Tensor k, Tensor v);
}

/// <summary>How one layer attends.</summary>
/// <param name="Scale">The factor on q·k before the softmax; null: 1/√D.</param>
/// <param name="Window">How many positions a token sees, itself and those right before it; null: all.</param>
/// <param name="SoftCap">Bounds the scores s to cap · tanh(s / cap) before the mask (Gemma 2, arXiv 2408.00118); null: unbounded.</param>
internal sealed record AttentionSettings(double? Scale = null, int? Window = null, double? SoftCap = null)
{
    /// <summary>[heads]: for each head a score that takes part in the softmax and stands for no position (attention sinks, arXiv 2309.17453, as gpt-oss learns them); null: there is none.</summary>
    internal Weight? Sinks { get; init; }

    /// <summary>The first position of its sequence that a token at <paramref name="position"/> sees.</summary>
    internal int FirstSeen(int position) => Window is { } window ? Math.Max(0, position - window + 1) : 0;
}
