namespace MLNet.Dpo;

/// <summary>
/// What <see cref="DpoTrainer"/> minimises for each pair, under TRL's names for <c>loss_type</c>. Δ is a response's log-ratio, log π - log π_ref, summed over its
/// tokens; β is <see cref="DpoTrainer.Options.Beta"/>, ε <see cref="DpoTrainer.Options.LabelSmoothing"/>, τ <see cref="DpoTrainer.Options.DiscopopTau"/>.
/// </summary>
public enum DpoLossType
{
    /// <summary>The original DPO (arXiv 2305.18290): -log σ(β(Δchosen - Δrejected)).</summary>
    Sigmoid,

    /// <summary>SLiC's hinge (arXiv 2305.10425) on log-ratios (RSO, arXiv 2309.06657): max(0, 1 - β(Δchosen - Δrejected)). Pairs whose margin is reached teach nothing more.</summary>
    Hinge,

    /// <summary>IPO (arXiv 2310.12036): (Δchosen/tokens - Δrejected/tokens - 1/(2β))². It aims at a margin instead of the largest one.</summary>
    Ipo,

    /// <summary>Robust DPO (arXiv 2403.00409): unbiased when a share ε, 0 to below 0.5, of the labels is swapped.</summary>
    Robust,

    /// <summary>EXO (arXiv 2402.00856): reverse KL divergence to labels that are right with probability 1 - ε; ε above 0, usually 1e-3.</summary>
    ExoPair,

    /// <summary>NCA (arXiv 2402.05369): -log σ(βΔchosen) - ½ log σ(-βΔchosen) - ½ log σ(-βΔrejected). It holds the chosen responses' own probability up.</summary>
    NcaPair,

    /// <summary>BCO (arXiv 2404.04656) without reward shift: -log σ(βΔchosen) - log σ(-βΔrejected).</summary>
    BcoPair,

    /// <summary>SPPO with hard labels (arXiv 2405.00675): (Δchosen - 1/(2β))² + (Δrejected + 1/(2β))².</summary>
    SppoHard,

    /// <summary>APO-zero (arXiv 2408.06266): 1 - σ(βΔchosen) + σ(βΔrejected); for chosen responses that are better than the model's own.</summary>
    ApoZero,

    /// <summary>APO-down (arXiv 2408.06266): σ(βΔchosen) + 1 - σ(β(Δchosen - Δrejected)); for chosen responses that are worse than the model's own.</summary>
    ApoDown,

    /// <summary>DiscoPOP (arXiv 2406.08414): logistic and exponential loss, blended by σ(β(Δchosen - Δrejected)/τ).</summary>
    Discopop,

    /// <summary>Length-normalized DPO (arXiv 2411.15124): -log σ(β(Δchosen/tokens - Δrejected/tokens)). β is usually far larger than with summed log-ratios, 5 say.</summary>
    SigmoidNorm,
}
