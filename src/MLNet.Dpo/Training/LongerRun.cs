using System.Globalization;

namespace MLNet.Dpo.Training;

/// <summary>
/// A run that goes on beyond the end of another, with more Epochs or MaxSteps and all else the same. As in transformers, its learning rate is, from there on, that of a run which had so many
/// steps from the beginning. That makes it a run of its own, so its identity names the ends that it has passed.
/// </summary>
internal static class LongerRun
{
    /// <summary>The name in a run's identity under which those ends stand; absent in a run that has passed none.</summary>
    internal const string Passed = "Prolongs";

    private static readonly string[] Lengths = [nameof(TrainingOptions.Epochs), nameof(TrainingOptions.MaxSteps)];

    /// <summary>The ends that a run has passed and the one that it goes to, in order, such as "Epochs 1", "Epochs 3".</summary>
    internal static IReadOnlyList<string> EndsOf(IReadOnlyDictionary<string, string> run) =>
    [
        .. run.TryGetValue(Passed, out var passed) ? passed.Split(", ") : [],
        .. from name in Lengths
           where run.ContainsKey(name)
           select $"{name} {run[name]}",
    ];

    /// <summary>Whether two runs are the same but for their length.</summary>
    internal static bool DifferInLengthAlone(IReadOnlyDictionary<string, string> one, IReadOnlyDictionary<string, string> other) =>
        one.Keys.Union(other.Keys).Except([.. Lengths, Passed]).All(name => one.GetValueOrDefault(name) == other.GetValueOrDefault(name))
        && !EndsOf(one).SequenceEqual(EndsOf(other));

    /// <summary>Whether a run is what another one has passed.</summary>
    internal static bool IsPartOf(IReadOnlyDictionary<string, string> earlier, IReadOnlyDictionary<string, string> longer) =>
        DifferInLengthAlone(earlier, longer) && EndsOf(earlier) is var ends && ends.SequenceEqual(EndsOf(longer).Take(ends.Count));

    /// <summary>The steps of a stored run over the same rows; 0 where it does not say.</summary>
    internal static long StepsOf(IReadOnlyDictionary<string, string> run, int stepsPerEpoch) =>
        Number(run, nameof(TrainingOptions.MaxSteps)) is > 0 and var steps ? steps : Number(run, nameof(TrainingOptions.Epochs)) * stepsPerEpoch;

    private static long Number(IReadOnlyDictionary<string, string> run, string name) =>
        int.TryParse(run.GetValueOrDefault(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
