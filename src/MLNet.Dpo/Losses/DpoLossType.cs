using MLNet.Dpo.Arithmetic;
using MLNet.Dpo.Losses;
using static MLNet.Dpo.Arithmetic.HeldNumbers;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace MLNet.Dpo;

/// <summary>
/// What <see cref="DpoTrainer"/> minimises for each pair, under TRL's names for <c>loss_type</c>. Each property below is one loss, whole: its name, its formula, and
/// what it reads. In the formulas Δ is a response's log-ratio, log π - log π_ref, summed over its tokens; β is <see cref="DpoTrainer.Options.Beta"/>, ε
/// <see cref="DpoTrainer.Options.LabelSmoothing"/>, τ <see cref="DpoTrainer.Options.DiscopopTau"/>, γ <see cref="DpoTrainer.Options.SimpoGamma"/>.
/// </summary>
public sealed class DpoLossType
{
    private static readonly List<DpoLossType> Registry = []; // stands before the losses, which enter themselves
    private readonly Func<PairLogps, LossSettings, Tensor> _losses;

    private DpoLossType(string name, LossNeeds needs, Func<PairLogps, LossSettings, Tensor> losses)
    {
        (Name, Needs, _losses) = (name, needs, losses);
        Registry.Add(this);
    }

    /// <summary>The original DPO (arXiv 2305.18290, equation 7): -log σ(β(Δchosen - Δrejected)).</summary>
    public static DpoLossType Sigmoid { get; } = new("sigmoid", LossNeeds.None, (pairs, o) => -logsigmoid(pairs.DeltaScores * Number(o.Beta)));

    /// <summary>
    /// SLiC's hinge (arXiv 2305.10425, section 2) on log-ratios (RSO, arXiv 2309.06657, "hinge-norm"; β is its γ): max(0, 1 - β(Δchosen - Δrejected)).
    /// Pairs whose margin is reached teach nothing more.
    /// </summary>
    public static DpoLossType Hinge { get; } = new("hinge", LossNeeds.None, (pairs, o) => (Number(1) - (pairs.DeltaScores * Number(o.Beta))).relu());

    /// <summary>
    /// IPO (arXiv 2310.12036, equation 17; β is its τ), on log-ratios averaged over tokens as in TRL: (Δchosen/tokens - Δrejected/tokens - 1/(2β))². It aims at a margin
    /// instead of the largest one.
    /// </summary>
    public static DpoLossType Ipo { get; } = new("ipo", LossNeeds.None, (pairs, o) => (pairs.DeltaScoresPerToken - Number(1 / (2 * o.Beta))).Squared());

    /// <summary>
    /// Robust DPO (arXiv 2403.00409, section 3.1): unbiased when a share ε, 0 to below 0.5, of the labels is swapped: with L the sigmoid loss,
    /// ((1 - ε) L(chosen, rejected) - ε L(rejected, chosen)) / (1 - 2ε). It may be negative.
    /// </summary>
    public static DpoLossType Robust { get; } = new("robust", LossNeeds.LabelSmoothing, (pairs, o) =>
    {
        var logits = pairs.DeltaScores * Number(o.Beta);
        return ((logsigmoid(-logits) * Number(o.LabelSmoothing)) - (logsigmoid(logits) * Number(1 - o.LabelSmoothing))) / Number(1 - (2 * o.LabelSmoothing));
    });

    /// <summary>
    /// EXO for pairs (arXiv 2402.00856, equation 16): the KL divergence of q = σ(β(Δchosen - Δrejected)) from labels that are right with probability 1 - ε,
    /// q (log q - log(1 - ε)) + (1 - q) (log(1 - q) - log ε); ε above 0, usually 1e-3. As in TRL, ε and the two logarithms are rounded to float32.
    /// </summary>
    public static DpoLossType ExoPair { get; } = new("exo_pair", LossNeeds.LabelSmoothingAboveZero, (pairs, o) =>
    {
        var logits = pairs.DeltaScores * Number(o.Beta);
        var right = logits.sigmoid() * (logsigmoid(logits) - Number((float)Math.Log(1 - (double)(float)o.LabelSmoothing)));
        var wrong = (-logits).sigmoid() * (logsigmoid(-logits) - Number((float)Math.Log((float)o.LabelSmoothing)));
        return right.Plus(wrong);
    });

    /// <summary>NCA for pairs (arXiv 2402.05369, section 4.1): -log σ(βΔchosen) - ½ log σ(-βΔchosen) - ½ log σ(-βΔrejected). It holds the chosen responses' own probability up.</summary>
    public static DpoLossType NcaPair { get; } = new("nca_pair", LossNeeds.None, (pairs, o) =>
    {
        var (chosen, rejected) = (pairs.ChosenLogRatios * Number(o.Beta), pairs.RejectedLogRatios * Number(o.Beta));
        return -logsigmoid(chosen).Plus(logsigmoid(-chosen).Plus(logsigmoid(-rejected)) * Number(0.5));
    });

    /// <summary>BCO for pairs (arXiv 2404.04656, section 4): -log σ(βΔchosen) - log σ(-βΔrejected). The paper's reward shift, a running mean, is 0 as in TRL.</summary>
    public static DpoLossType BcoPair { get; } = new("bco_pair", LossNeeds.None, (pairs, o) =>
        -logsigmoid(pairs.ChosenLogRatios * Number(o.Beta)).Plus(logsigmoid(pairs.RejectedLogRatios * Number(-o.Beta))));

    /// <summary>
    /// SPPO with hard labels (arXiv 2405.00675, equation 4.7 with a winning probability of 1 for the chosen and 0 for the rejected response; β is 1/η):
    /// (Δchosen - 1/(2β))² + (Δrejected + 1/(2β))².
    /// </summary>
    public static DpoLossType SppoHard { get; } = new("sppo_hard", LossNeeds.None, (pairs, o) =>
        (pairs.ChosenLogRatios - Number(1 / (2 * o.Beta))).Squared().Plus(pairs.RejectedLogRatios.Plus(Number(1 / (2 * o.Beta))).Squared()));

    /// <summary>
    /// AOT on pairs (arXiv 2406.05882): the chosen responses' leads, log π(chosen) - log π(rejected), of all pairs of an optimizer step are sorted, those of the reference too, and rank is
    /// compared with rank: with d the difference, -(1 - ε) log σ(βd) - ε log σ(-βd). The lead shall be larger as a distribution, not pair by pair.
    /// </summary>
    public static DpoLossType Aot { get; } = new("aot", LossNeeds.WholeStep | LossNeeds.LabelSmoothing, (pairs, o) =>
        SmoothedSigmoid((Sorted(pairs.PolicyChosen - pairs.PolicyRejected) - Sorted(pairs.ReferenceChosen - pairs.ReferenceRejected)) * Number(o.Beta), o));

    /// <summary>
    /// AOT without pairing (arXiv 2406.05882): the same with the sorted Δchosen less the sorted Δrejected of all pairs of an optimizer step.
    /// </summary>
    public static DpoLossType AotUnpaired { get; } = new("aot_unpaired", LossNeeds.WholeStep | LossNeeds.LabelSmoothing, (pairs, o) =>
        SmoothedSigmoid((Sorted(pairs.ChosenLogRatios) - Sorted(pairs.RejectedLogRatios)) * Number(o.Beta), o));

    /// <summary>APO-zero (arXiv 2408.06266, equation 7): 1 - σ(βΔchosen) + σ(βΔrejected); for chosen responses that are better than the model's own.</summary>
    public static DpoLossType ApoZero { get; } = new("apo_zero", LossNeeds.None, (pairs, o) =>
        (pairs.ChosenLogRatios * Number(-o.Beta)).sigmoid().Plus((pairs.RejectedLogRatios * Number(o.Beta)).sigmoid())); // 1 - σ(x) is σ(-x), without the cancellation

    /// <summary>APO-down (arXiv 2408.06266, equation 8): σ(βΔchosen) + 1 - σ(β(Δchosen - Δrejected)); for chosen responses that are worse than the model's own.</summary>
    public static DpoLossType ApoDown { get; } = new("apo_down", LossNeeds.None, (pairs, o) =>
        (pairs.ChosenLogRatios * Number(o.Beta)).sigmoid().Plus((pairs.DeltaScores * Number(-o.Beta)).sigmoid())); // 1 - σ(x) is σ(-x), without the cancellation

    /// <summary>
    /// DiscoPOP, the log-ratio modulated loss (arXiv 2406.08414, equation 5): with x = β(Δchosen - Δrejected) and m = σ(x/τ), the blend
    /// (1 - m) · -log σ(x) + m · exp(-x).
    /// </summary>
    public static DpoLossType Discopop { get; } = new("discopop", LossNeeds.DiscopopTau, (pairs, o) =>
    {
        var logits = pairs.DeltaScores * Number(o.Beta);
        var modulation = logits / Number(o.DiscopopTau);
        var exponential = (logsigmoid(modulation) - logits).exp(); // as a product it would be 0 · ∞ for very negative logits
        return exponential - ((-modulation).sigmoid() * logsigmoid(logits));
    });

    /// <summary>Length-normalized DPO (Tülu 3, arXiv 2411.15124, section 5): -log σ(β(Δchosen/tokens - Δrejected/tokens)). β is usually far larger than with summed log-ratios, 5 say.</summary>
    public static DpoLossType SigmoidNorm { get; } = new("sigmoid_norm", LossNeeds.None, (pairs, o) => -logsigmoid(pairs.DeltaScoresPerToken * Number(o.Beta)));

    /// <summary>
    /// SimPO (arXiv 2405.14734, equation 6), without a reference: with x = β(log π(chosen)/tokens - log π(rejected)/tokens) - γ,
    /// -(1 - ε) log σ(x) - ε log σ(-x), as TRL's CPOTrainer with cpo_alpha 0. β is usually 2 to 2.5, the learning rate lower than DPO's. Its rewards are β log π/tokens.
    /// </summary>
    public static DpoLossType Simpo { get; } = new("simpo", LossNeeds.NoReference | LossNeeds.LabelSmoothing | LossNeeds.SimpoGamma, (pairs, o) =>
        SmoothedSigmoid((pairs.DeltaScoresPerToken * Number(o.Beta)) - Number(o.SimpoGamma), o));

    /// <summary>Every loss, in the order above.</summary>
    public static IReadOnlyList<DpoLossType> All => Registry;

    /// <summary>TRL's name, for example <c>exo_pair</c>.</summary>
    public string Name { get; }

    internal LossNeeds Needs { get; }

    /// <summary>The loss of TRL's name.</summary>
    /// <param name="name">For example <c>sigmoid</c>; upper and lower case are the same.</param>
    /// <exception cref="ArgumentException">There is no loss of this name; the message lists those there are.</exception>
    public static DpoLossType Parse(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return All.FirstOrDefault(type => type.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            ?? throw new ArgumentException($"The loss is '{name}'; allowed: {string.Join(", ", All)}.", nameof(name));
    }

    /// <inheritdoc/>
    public override string ToString() => Name;

    /// <summary>The loss of each pair, [pairs]; of a loss that looks at the whole step, its parts in an order of its own. Made of operators that autograd knows, finite with its gradients wherever the mathematics is.</summary>
    internal Tensor Losses(PairLogps pairs, LossSettings settings) => _losses(pairs, settings);

    internal bool Has(LossNeeds need) => (Needs & need) == need;

    private static Tensor Sorted(Tensor values) => values.sort().Values;

    private static Tensor SmoothedSigmoid(Tensor logits, LossSettings o) =>
        -(logsigmoid(logits) * Number(1 - o.LabelSmoothing)).Plus(logsigmoid(-logits) * Number(o.LabelSmoothing));
}
