using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Dpo.Training;

/// <summary>Clipping by the total 2-norm of all gradients, as torch.nn.utils.clip_grad_norm_.</summary>
internal static class GradientClipping
{
    /// <summary>Scales the gradients so that their total norm is at most <paramref name="maxNorm"/> (0: no limit).</summary>
    /// <returns>The norm before clipping.</returns>
    internal static double Clip(IEnumerable<Tensor> parameters, double maxNorm)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var gradients = parameters.Select(p => p.grad).OfType<Tensor>().ToList();
        if (gradients.Count == 0) return 0;
        var total = stack(gradients.Select(g => g.norm())).norm().to(float32, CPU).item<float>();
        var factor = maxNorm / (total + 1e-6);
        if (maxNorm > 0 && factor < 1)
        {
            using Scalar scalar = factor; // it must live as long as TorchSharp's calls with it, which do not hold it
            foreach (var gradient in gradients) gradient.mul_(scalar);
        }
        return total;
    }
}
