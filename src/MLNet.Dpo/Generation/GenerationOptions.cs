using System.Text.Json.Serialization;
using MLNet.Dpo.Checks;

namespace MLNet.Dpo;

/// <summary>How text is generated. Names and meanings are those of transformers' <c>GenerationConfig</c>.</summary>
public sealed class GenerationOptions
{
    /// <summary>The most tokens to add to a prompt; 1 or more. A completion also ends where the model's context does (<see cref="FinishReason.Context"/>). Default 256.</summary>
    public int MaxNewTokens { get; set; } = 256;

    /// <summary>Logits are divided by this before sampling; 0 takes the most probable token every time (greedy), and the limits below must then be left out. Default 0.</summary>
    public double Temperature { get; set; }

    /// <summary>Sample only among this many most probable tokens; 0 for no limit. Default 0.</summary>
    public int TopK { get; set; }

    /// <summary>Sample only among the most probable tokens whose probabilities sum to this; above 0, at most 1. Default 1 (no limit).</summary>
    public double TopP { get; set; } = 1;

    /// <summary>Sample only among the tokens with at least this share of the most probable one's probability, after the limits above; 0 to 1. Default 0 (no limit).</summary>
    public double MinP { get; set; }

    /// <summary>
    /// Divides the positive logits of tokens that are in the prompt or the completion already, and multiplies the negative ones; greedy generation too.
    /// Above 0; below 1 it rewards repetition. Default 1 (no change).
    /// </summary>
    public double RepetitionPenalty { get; set; } = 1;

    /// <summary>No run of so many tokens comes twice in prompt and completion together; greedy generation too. 0 for no limit. Default 0.</summary>
    public int NoRepeatNgramSize { get; set; }

    /// <summary>Seeds the sampling: the same seed, prompts and machine give the same text. Null draws afresh at each call. Default null.</summary>
    public int? Seed { get; set; }

    /// <summary>Token ids that end a completion, besides the model's own end tokens. Default none.</summary>
    public IReadOnlyList<int> StopTokenIds { get; set; } = [];

    /// <summary>
    /// Texts that end a completion, which is cut before the first of them; one may begin in one token and end in another. Default none.
    /// </summary>
    public IReadOnlyList<string> StopStrings { get; set; } = [];

    /// <summary>
    /// How many completions are generated side by side; 1 or more. More is faster and takes more memory. A view reads so many rows of its source ahead: 1 answers each row of a queue as it comes. Default 32.
    /// </summary>
    public int BatchSize { get; set; } = 32;

    /// <summary>What becomes of a prompt that fills the model's context. Default <see cref="LongPromptHandling.Error"/>.</summary>
    public LongPromptHandling OnLongPrompt { get; set; }

    /// <summary>
    /// Stops what runs with these settings, generation between two tokens and scoring between two batches, with an <see cref="OperationCanceledException"/>. Not saved with a model. Default none.
    /// </summary>
    [JsonIgnore]
    public CancellationToken CancellationToken { get; set; }

    /// <summary>Checks the settings.</summary>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    public void Validate()
    {
        OptionCheck.AtLeast(MaxNewTokens, 1, nameof(MaxNewTokens));
        OptionCheck.NotNegative(Temperature, nameof(Temperature));
        OptionCheck.AtLeast(TopK, 0, nameof(TopK));
        OptionCheck.Positive(TopP, nameof(TopP));
        OptionCheck.Between(TopP, 0, 1, nameof(TopP));
        OptionCheck.Between(MinP, 0, 1, nameof(MinP));
        OptionCheck.Positive(RepetitionPenalty, nameof(RepetitionPenalty));
        OptionCheck.AtLeast(NoRepeatNgramSize, 0, nameof(NoRepeatNgramSize));
        OptionCheck.AtLeast(BatchSize, 1, nameof(BatchSize));
        OptionCheck.Defined(OnLongPrompt, nameof(OnLongPrompt));
        if (StopTokenIds is null) throw new ArgumentException($"{nameof(StopTokenIds)} is null; give a list, empty for none.");
        if (StopStrings is null) throw new ArgumentException($"{nameof(StopStrings)} is null; give a list, empty for none.");
        if (StopStrings.Any(string.IsNullOrEmpty)) throw new ArgumentException($"{nameof(StopStrings)} has an empty text, which every completion begins with; leave it out.");
        if (Temperature != 0) return;
        RequireSampling(TopK != 0, nameof(TopK), TopK);
        RequireSampling(TopP != 1, nameof(TopP), TopP);
        RequireSampling(MinP != 0, nameof(MinP), MinP);
    }

    private static void RequireSampling(bool given, string name, double value)
    {
        if (given) throw new ArgumentException(FormattableString.Invariant($"{name} is {value}, but Temperature is 0, which takes the most probable token whatever it is; leave {name} out, or give a Temperature above 0."));
    }
}
