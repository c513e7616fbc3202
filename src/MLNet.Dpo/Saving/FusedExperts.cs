using System.Text.RegularExpressions;
using MLNet.Dpo.Files.Safetensors;

namespace MLNet.Dpo.Saving;

/// <summary>
/// Where an expert's weight lies in a checkpoint that has all experts of a layer in one tensor, as transformers 5 holds them in memory: <c>mlp.experts.gate_up_proj</c>
/// [experts, 2 · intermediate, hidden], gate first, and <c>mlp.experts.down_proj</c> [experts, hidden, intermediate].
/// </summary>
internal static partial class FusedExperts
{
    /// <summary>The entry and the first element of a weight that is asked for by its own name; null where it is no expert's, or the checkpoint has no such tensor.</summary>
    /// <param name="checkpoint">The checkpoint.</param>
    /// <param name="name">The weight's own name, for example <c>model.layers.0.mlp.experts.3.up_proj.weight</c>.</param>
    /// <param name="shape">Its shape.</param>
    internal static (SafetensorsEntry Entry, long Start)? Find(SafetensorsCheckpoint checkpoint, string name, long[] shape)
    {
        var match = ExpertName().Match(name);
        if (!match.Success) return null;
        var (part, expert) = (match.Groups["part"].Value, long.Parse(match.Groups["expert"].ValueSpan, System.Globalization.CultureInfo.InvariantCulture));
        var isDown = part is "w2" or "down_proj";
        if (!checkpoint.TryGet($"{match.Groups["layer"].Value}.mlp.experts.{(isDown ? "down_proj" : "gate_up_proj")}", out var entry)) return null;
        var rows = isDown ? shape[0] : 2 * shape[0];
        if (entry.Shape.Count != 3 || expert >= entry.Shape[0] || entry.Shape[1] != rows || entry.Shape[2] != shape[1]) return null;
        var first = (expert * rows) + (part is "w3" or "up_proj" ? shape[0] : 0);
        return (entry, first * shape[1]);
    }

    [GeneratedRegex(@"^(?<layer>.+)\.(block_sparse_moe|mlp)\.experts\.(?<expert>\d{1,9})\.(?<part>w1|w2|w3|gate_proj|up_proj|down_proj)\.weight$", RegexOptions.ExplicitCapture)]
    private static partial Regex ExpertName();
}
