using MLNet.Dpo.Checks;

namespace MLNet.Dpo;

/// <summary>How models are compared.</summary>
public sealed class ComparisonOptions
{
    /// <summary>
    /// How many completions the KL divergence is the mean of: at least so many, spread evenly over the prompts, one of each prompt at the least; 1 or more. They are sampled at temperature 1, as the divergence is defined. Default 200.
    /// </summary>
    public int KlCompletions { get; set; } = 200;

    /// <summary>The most tokens of a completion that the divergence is taken over; 1 or more. Longer ones are cut, which the table says. Default 128.</summary>
    public int MaxNewTokens { get; set; } = 128;

    /// <summary>How the answers are generated that stand side by side and that <see cref="Metrics"/> see; each model's own settings when null. Default null.</summary>
    public GenerationOptions? Generation { get; set; }

    /// <summary>Own metrics by name: of a prompt (of a conversation the last user turn) and the answer to it, a finite number. The table has their means. Default none.</summary>
    public IReadOnlyDictionary<string, Func<string, string, double>> Metrics { get; set; } = new Dictionary<string, Func<string, string, double>>();

    /// <summary>Where no prompts are given, the most that are taken of the validation data, evenly over it; 1 or more. Default 50.</summary>
    public int PromptsOfValidation { get; set; } = 50;

    /// <summary>Seeds the sampling. Default 0.</summary>
    public int Seed { get; set; }

    /// <summary>Stops between two tokens or batches. Default none.</summary>
    public CancellationToken CancellationToken { get; set; }

    /// <summary>Checks the settings.</summary>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    public void Validate()
    {
        OptionCheck.AtLeast(KlCompletions, 1, nameof(KlCompletions));
        OptionCheck.AtLeast(MaxNewTokens, 1, nameof(MaxNewTokens));
        OptionCheck.AtLeast(PromptsOfValidation, 1, nameof(PromptsOfValidation));
        Generation?.Validate();
        if (Metrics is null) throw new ArgumentException($"{nameof(Metrics)} is null; give a dictionary, empty for none.");
    }

    /// <summary>How completions are sampled for the divergence.</summary>
    internal GenerationOptions KlSampling => new() { Temperature = 1, MaxNewTokens = MaxNewTokens, Seed = Seed, OnLongPrompt = LongPromptHandling.Skip };
}
