using static TorchSharp.torch;

namespace MLNet.Dpo.Models;

/// <summary>Sees what the routers of a mixture of experts say in a pass, and may add to their gradients.</summary>
internal interface IRouterTap
{
    /// <summary>Called by each router.</summary>
    /// <param name="probabilities">[tokens, experts].</param>
    /// <param name="chosen">[tokens, chosen], int64: each token's experts.</param>
    /// <returns>The same probabilities.</returns>
    Tensor Forward(Tensor probabilities, Tensor chosen);
}

/// <summary>The auxiliary loss of a model with experts, which asks that tokens spread over them (Switch Transformers, arXiv 2101.03961, equations 4 to 6).</summary>
/// <param name="Coefficient">Its factor in the loss, <c>router_aux_loss_coef</c>.</param>
/// <param name="Experts">Number of experts.</param>
internal sealed record RouterLoss(double Coefficient, int Experts);
