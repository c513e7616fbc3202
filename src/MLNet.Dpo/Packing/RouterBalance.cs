using MLNet.Dpo.Arithmetic;
using MLNet.Dpo.Models;
using static TorchSharp.torch;

namespace MLNet.Dpo.Packing;

/// <summary>
/// The routers' auxiliary loss over a whole step, as transformers computes it for one batch: E · Σ_e f_e · P_e, where f_e is how often expert e is chosen and P_e its mean probability, both over all tokens of
/// all sequences and all layers. It looks at the whole step, so that a first pass without gradients measures f; the second adds each token's part to its router's gradient.
/// </summary>
internal sealed class RouterBalance
{
    private readonly RouterLoss _loss;
    private readonly double[] _counts, _sums;
    private double _tokens;

    private RouterBalance(RouterLoss loss) => (_loss, _counts, _sums) = (loss, new double[loss.Experts], new double[loss.Experts]);

    /// <summary>E · Σ f · P.</summary>
    internal double Value => _loss.Experts * _counts.Zip(_sums, (count, sum) => count / _tokens * (sum / _tokens)).Sum();

    /// <summary>What it adds to the step's loss.</summary>
    internal double Loss => _loss.Coefficient * Value;

    /// <summary>Runs the micro-batches of a step without gradients; null where the model has no such loss.</summary>
    internal static RouterBalance? Measure(CausalLM model, IEnumerable<IReadOnlyList<TokenGroup>> micros)
    {
        if (model.Config.RouterLoss is not { } loss) return null;
        using var noGrad = no_grad();
        var balance = new RouterBalance(loss);
        foreach (var (number, micro) in micros.Index())
        {
            model.BeginMicroBatch(number);
            using var scope = NewDisposeScope();
            using var batch = new PackedBatch(micro, model);
            using var tap = model.Tap(new Counter(balance, Weights(batch)));
            model.Forward(batch.Tokens, batch.Positions, batch.Pattern);
        }
        return balance;
    }

    /// <summary>Until the scope is disposed, passes over the batch add the loss's gradient to their routers'.</summary>
    internal IDisposable AddGradient(CausalLM model, PackedBatch batch)
    {
        // d(E Σ f P)/d probability of a token: E · f_e · weight / tokens.
        float[] slopes = [.. _counts.Select(count => (float)(_loss.Coefficient * _loss.Experts * count / (_tokens * _tokens)))];
        var gradient = Weights(batch).unsqueeze(1).mul(tensor(slopes, device: model.Device)); // [tokens, experts]
        return model.Tap(new Adder(gradient));
    }

    // A prompt that responses share stands for as many sequences.
    private static Tensor Weights(PackedBatch batch) => tensor(batch.SequencesOfRow.Select(count => (float)count).ToArray(), device: batch.Tokens.device);

    private sealed class Counter(RouterBalance balance, Tensor weights) : IRouterTap
    {
        public Tensor Forward(Tensor probabilities, Tensor chosen)
        {
            using var scope = NewDisposeScope();
            var hits = zeros_like(probabilities).scatter_(1, chosen, ones_like(chosen, float32)); // [tokens, experts]
            Add(balance._counts, weights.unsqueeze(0).mm(hits));
            Add(balance._sums, weights.unsqueeze(0).mm(probabilities));
            balance._tokens += weights.sum().item<float>();
            return probabilities;
        }

        private static void Add(double[] totals, Tensor row)
        {
            foreach (var (expert, value) in row.to(CPU).contiguous().data<float>().ToArray().Index()) totals[expert] += value;
        }
    }

    private sealed class Adder(Tensor gradient) : IRouterTap
    {
        public Tensor Forward(Tensor probabilities, Tensor chosen) =>
            is_grad_enabled() && probabilities.requires_grad ? WithGradient.apply(probabilities, gradient) : probabilities;
    }

    /// <summary>The identity, whose backward pass adds a gradient.</summary>
    private sealed class WithGradient : autograd.SingleTensorFunction<WithGradient>
    {
        public override string Name => nameof(RouterBalance);

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            ctx.save_for_backward([(Tensor)vars[1]]);
            return ((Tensor)vars[0]).clone();
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output) => [grad_output.Plus(ctx.get_saved_variables()[0]), null!];
    }
}
