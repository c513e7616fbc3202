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
        var correction1 = 1 - Math.Pow(_settings.Beta1, StepCount);
        var correction2 = Math.Sqrt(1 - Math.Pow(_settings.Beta2, StepCount));
        foreach (var state in _states)
        {
            using var scope = NewDisposeScope();
            if (state.Parameter.grad is not { } gradient) continue;
            var decay = Decays(state.Name) ? _settings.WeightDecay : 0;
            if (decay != 0) state.Parameter.mul_(1 - learningRate * decay);
            state.ExpAvg.mul_(_settings.Beta1).add_(gradient, 1 - _settings.Beta1);
            state.ExpAvgSq.mul_(_settings.Beta2).addcmul_(gradient, gradient, 1 - _settings.Beta2);
            var denominator = state.ExpAvgSq.sqrt().div_(correction2).add_(_settings.Epsilon);
            state.Parameter.addcdiv_(state.ExpAvg, denominator, -learningRate / correction1);
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
