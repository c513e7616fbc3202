using MLNet.Dpo.Checks;

namespace MLNet.Dpo;

/// <summary>How many answers are sampled, and where they are kept.</summary>
public sealed class SamplingOptions
{
    /// <summary>Answers of each prompt from each source; 1 or more. Default 10.</summary>
    public int SamplesPerPrompt { get; set; } = 10;

    /// <summary>
    /// A JSONL file that keeps every answer as it comes. Where it is there already, the sampling goes on: what it holds is not asked again, half a line that a kill left is cut, and prompts or sources may have
    /// been added. Its folder must exist. Null, the default, keeps nothing.
    /// </summary>
    public string? Path { get; set; }

    /// <summary>
    /// Seeds the sampling of sources that have no seed of their own: the random numbers of an answer are a function of seed, prompt and sample alone. Null, the default, draws one, which the file remembers.
    /// </summary>
    public int? Seed { get; set; }

    /// <summary>Hears of every answer. Default null.</summary>
    public IProgress<SamplingProgress>? Progress { get; set; }

    /// <summary>Checks the settings.</summary>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    public void Validate()
    {
        OptionCheck.AtLeast(SamplesPerPrompt, 1, nameof(SamplesPerPrompt));
        if (Path is { Length: 0 }) throw new ArgumentException($"{nameof(Path)} is empty; give a file's name, or null to keep nothing.");
    }
}

/// <summary>How far a sampling has come.</summary>
/// <param name="Answered">Answers that are there, of all sources, with those of an earlier run.</param>
/// <param name="Total">Answers that are asked for.</param>
/// <param name="Resumed">Those of an earlier run.</param>
/// <param name="Source">The source of the newest answer.</param>
public sealed record SamplingProgress(int Answered, int Total, int Resumed, string Source);
