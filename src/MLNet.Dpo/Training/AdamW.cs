using MLNet.Dpo.Arithmetic;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Dpo.Training;

/// <summary>
/// AdamW (arXiv 1711.05101) in the order of torch.optim.AdamW: decay, moments, bias correction, update. Its state is plain tensors with names,
/// so a checkpoint can hold it. (torch.optim.AdamW gives the same bits, but takes only Parameters, and making one of a tensor leaves TorchSharp's count of live
/// tensors raised for good: no test could then tell a leak.)
/// </summary>
internal sealed class AdamW : IDisposable
{
    private readonly AdamWSettings _settings;
    private readonly List<ParameterState> _states;
    private readonly List<IGrouping<double, ParameterState>> _groups;

    internal AdamW(IEnumerable<KeyValuePair<string, Tensor>> parameters, AdamWSettings settings) : this(parameters, 1, settings)
    {
    }

    /// <param name="parameters">What is trained.</param>
    /// <param name="loraPlusRatio">How many times the learning rate LoRA's B and all vectors have (LoRA+, arXiv 2402.12354); 1 for none.</param>
    /// <param name="settings">The constants.</param>
    internal AdamW(IEnumerable<KeyValuePair<string, Tensor>> parameters, double loraPlusRatio, AdamWSettings settings)
    {
        _settings = settings;
        _states = [.. parameters.Select(p => new ParameterState(p.Key, p.Value))];
        // One group for each rate, which is all but always one.
        _groups = [.. _states.GroupBy(state => state.IsFast ? loraPlusRatio : 1)];
    }

    /// <summary>Optimizer steps taken.</summary>
    internal int StepCount { get; set; }

    /// <summary>The moments by name, <c>{parameter}.exp_avg</c> and <c>{parameter}.exp_avg_sq</c>.</summary>
    internal IEnumerable<KeyValuePair<string, Tensor>> Moments => _states.SelectMany(state => new[]
    {
        KeyValuePair.Create(state.Name + ".exp_avg", state.ExpAvg),
        KeyValuePair.Create(state.Name + ".exp_avg_sq", state.ExpAvgSq),
    });

    /// <summary>Updates every parameter that has a gradient, and drops the gradients.</summary>
    internal void Step(double learningRate)
    {
        using var noGrad = no_grad();
        StepCount++;
        foreach (var group in _groups) Step(group, learningRate * group.Key);
    }

    private void Step(IEnumerable<ParameterState> states, double learningRate)
    {
        // TorchSharp does not hold a Scalar while its call runs: one that nothing refers to may be collected, and its memory taken by another number, under the call.
        using Scalar beta1 = _settings.Beta1, beta2 = _settings.Beta2, rest1 = 1 - _settings.Beta1, rest2 = 1 - _settings.Beta2, epsilon = _settings.Epsilon;
        using Scalar kept = 1 - learningRate * _settings.WeightDecay, correction = Math.Sqrt(1 - Math.Pow(_settings.Beta2, StepCount)), step = -learningRate / (1 - Math.Pow(_settings.Beta1, StepCount));
        foreach (var state in states)
        {
            using var scope = NewDisposeScope();
            if (state.Parameter.grad is not { } gradient) continue;
            if (_settings.WeightDecay != 0 && Decays(state.Name)) state.Parameter.mul_(kept);
            state.ExpAvg.mul_(beta1).add_(gradient, rest1);
            state.ExpAvgSq.mul_(beta2).addcmul_(gradient, gradient, rest2);
            var denominator = state.ExpAvgSq.sqrt().div_(correction).PlusInPlace(epsilon);
            state.Parameter.addcdiv_(state.ExpAvg, denominator, step);
            state.Parameter.grad = null;
        }
    }

    public void Dispose()
    {
        foreach (var state in _states)
        {
            state.ExpAvg.Dispose();
            state.ExpAvgSq.Dispose();
        }
    }

    // As transformers' Trainer: biases and norm weights do not decay, LoRA matrices do.
    private static bool Decays(string name) =>
        !name.EndsWith(".bias", StringComparison.Ordinal) && !name.Contains("norm", StringComparison.OrdinalIgnoreCase);

    private sealed class ParameterState(string name, Tensor parameter)
    {
        internal string Name { get; } = name;
        internal Tensor Parameter { get; } = parameter;

        /// <summary>Whether LoRA+ gives it the higher rate.</summary>
        internal bool IsFast => Name.Contains("lora_B", StringComparison.Ordinal) || Parameter.dim() == 1;

        internal Tensor ExpAvg { get; } = zeros(parameter.shape, parameter.dtype, parameter.device).DetachFromDisposeScope();
        internal Tensor ExpAvgSq { get; } = zeros(parameter.shape, parameter.dtype, parameter.device).DetachFromDisposeScope();
    }
}

/// <summary>AdamW's constants.</summary>
internal sealed record AdamWSettings(double Beta1, double Beta2, double Epsilon, double WeightDecay);
