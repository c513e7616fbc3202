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

    internal AdamW(IEnumerable<KeyValuePair<string, Tensor>> parameters, AdamWSettings settings)
    {
        _settings = settings;
        _states = [.. parameters.Select(p => new ParameterState(p.Key, p.Value))];
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
        // TorchSharp does not hold a Scalar while its call runs: one that nothing refers to may be collected, and its memory taken by another number, under the call.
        using Scalar beta1 = _settings.Beta1, beta2 = _settings.Beta2, rest1 = 1 - _settings.Beta1, rest2 = 1 - _settings.Beta2, epsilon = _settings.Epsilon;
        using Scalar kept = 1 - learningRate * _settings.WeightDecay, correction = Math.Sqrt(1 - Math.Pow(_settings.Beta2, StepCount)), step = -learningRate / (1 - Math.Pow(_settings.Beta1, StepCount));
        foreach (var state in _states)
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
        internal Tensor ExpAvg { get; } = zeros(parameter.shape, parameter.dtype, parameter.device).DetachFromDisposeScope();
        internal Tensor ExpAvgSq { get; } = zeros(parameter.shape, parameter.dtype, parameter.device).DetachFromDisposeScope();
    }
}

/// <summary>AdamW's constants.</summary>
internal sealed record AdamWSettings(double Beta1, double Beta2, double Epsilon, double WeightDecay);
