using System.Globalization;

namespace MLNet.Dpo;

/// <summary>What a trainer is doing.</summary>
public enum TrainingPhase
{
    /// <summary>Computing the reference model's log-probabilities.</summary>
    Reference,

    /// <summary>Taking optimizer steps.</summary>
    Train,

    /// <summary>Evaluating on the validation set.</summary>
    Evaluate,
}

/// <summary>One report of a trainer.</summary>
/// <param name="Phase">What is being done.</param>
/// <param name="Step">Optimizer steps done; in the reference phase, rows done.</param>
/// <param name="TotalSteps">Optimizer steps there will be; in the reference phase, rows.</param>
/// <param name="Epoch">Passes over the data so far, with a fraction.</param>
/// <param name="Metrics">The step's metrics under TRL's names (<c>loss</c>, <c>rewards/margins</c>, <c>eval_loss</c>, ...); empty in the reference phase.</param>
public sealed record TrainingProgress(TrainingPhase Phase, int Step, int TotalSteps, double Epoch, IReadOnlyDictionary<string, double> Metrics)
{
    /// <summary>One line: phase, step and metrics.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Phase} {Step}/{TotalSteps}, epoch {Epoch:0.##}") +
        string.Concat(Metrics.Select(m => string.Create(CultureInfo.InvariantCulture, $", {m.Key} {m.Value:G4}")));
}
