namespace MLNet.Dpo;

/// <summary>A run of a sweep.</summary>
/// <param name="Name">What differs from the baseline, and the name of its folder.</param>
/// <param name="Values">The value of each varied option, by the option's name.</param>
/// <param name="Folder">Its output directory: metrics, report.html, checkpoints.</param>
/// <param name="Options">Its options, to train another model with, say.</param>
/// <param name="Result">How its model did; null where it failed.</param>
/// <param name="Error">What it failed with; null where it did not.</param>
/// <param name="WasKept">Whether the result is that of an earlier call.</param>
public sealed record SweepRun(string Name, IReadOnlyDictionary<string, string> Values, string Folder, DpoTrainer.Options Options, ModelResult? Result, string? Error, bool WasKept);
