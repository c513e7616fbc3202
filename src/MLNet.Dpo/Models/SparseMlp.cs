using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Dpo.Models;

/// <summary>The experts of a layer.</summary>
internal interface IExperts
{
    /// <summary>How many there are.</summary>
    int Count { get; }

    /// <summary>One expert's output, [tokens, hidden] -> [tokens, hidden].</summary>
    Tensor Forward(int expert, Tensor x);
}

/// <summary>One expert's weights: down(f(gate(x)) · up(x)).</summary>
/// <param name="Gate">[intermediate, hidden].</param>
/// <param name="Up">[intermediate, hidden].</param>
/// <param name="Down">[hidden, intermediate].</param>
internal sealed record Expert(Weight Gate, Weight Up, Weight Down);

/// <summary>Experts with gated MLPs.</summary>
/// <param name="experts">Their weights.</param>
/// <param name="activation">f.</param>
internal sealed class GatedExperts(IReadOnlyList<Expert> experts, Activation activation) : IExperts
{
    public int Count => experts.Count;

    public Tensor Forward(int expert, Tensor x)
    {
        var (gate, up, down) = experts[expert];
        return nn.functional.linear(activation.Forward(nn.functional.linear(x, gate)).mul(nn.functional.linear(x, up)), down);
    }
}

/// <summary>
/// A sparse mixture of experts (arXiv 2401.04088): a router's softmax chooses each token's best experts, whose outputs are added up by their probabilities. No token is
/// dropped, so that a row's result does not depend on the rows beside it. Experts and router are no projections: as in transformers 5, adapters do not reach them.
/// </summary>
/// <param name="router">[experts, hidden].</param>
/// <param name="routerBias">[experts]; null for none.</param>
/// <param name="experts">All experts.</param>
/// <param name="chosen">Experts of each token.</param>
/// <param name="normalize">Whether the chosen ones' probabilities are made to sum up to 1.</param>
internal sealed class SparseMlp(Weight router, Weight? routerBias, IExperts experts, int chosen, bool normalize) : IDecoderModule
{
    private static readonly Scalar One = 1;

    public IEnumerable<Linear> Projections => [];

    public Tensor Forward(Tensor x, ForwardPass pass)
    {
        var probabilities = nn.functional.linear(x, router, routerBias).softmax(-1, float32); // [tokens, experts]
        var (weights, indices) = probabilities.topk(chosen); // [tokens, chosen] each
        if (pass.Tap is { } tap) weights = tap.Forward(probabilities, indices).gather(-1, indices);
        if (normalize) weights = weights / weights.sum(-1, keepdim: true);
        weights = weights.to(x.dtype);
        var output = zeros_like(x);
        for (var expert = 0; expert < experts.Count; expert++) Add(output, x, expert, weights, indices);
        return output;
    }

    // The rows that chose the expert, and where among their choices it stands.
    private void Add(Tensor output, Tensor x, int expert, Tensor weights, Tensor indices)
    {
        using var scope = NewDisposeScope();
        using Scalar number = expert;
        var places = indices.eq(number).nonzero(); // [hits, 2]
        if (places.size(0) == 0) return;
        var (rows, slots) = (places.select(1, 0), places.select(1, 1));
        var factors = weights.flatten().index_select(0, rows.mul(tensor((long)chosen, device: x.device)).add(slots, One)); // [hits]
        var products = experts.Forward(expert, x.index_select(0, rows)).mul(factors.unsqueeze(1));
        output.index_add_(0, rows, products, One);
    }

}
