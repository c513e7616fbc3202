using System.Text.Json.Serialization;
using MLNet.Dpo.Checks;
using MLNet.Dpo.Schemas;

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

    /// <summary>Sample only among the tokens whose surprise is nearest to the expected one and whose probabilities sum to this, after the limits above (locally typical sampling, arXiv 2202.00666); above 0, at most 1. Default 1 (no limit).</summary>
    public double TypicalP { get; set; } = 1;

    /// <summary>Sample only among the tokens of at least this probability, after the limits above; the most probable one always stays. 0 to below 1. Default 0 (no limit).</summary>
    public double EpsilonCutoff { get; set; }

    /// <summary>Sample only among the tokens of at least this probability, or of its root times exp(-entropy) where that is less, after the limits above (eta sampling, arXiv 2210.15191); 0 to below 1. Default 0 (no limit).</summary>
    public double EtaCutoff { get; set; }

    /// <summary>Beams that are searched side by side for the most probable completion, without sampling; 1 or more. Of each prompt up to so many completions can be had, the best first. Default 1 (no search).</summary>
    public int NumBeams { get; set; } = 1;

    /// <summary>A beam's score is its log-probability over its length to this power: above 0 favours long completions, below 0 short ones. Default 1.</summary>
    public double LengthPenalty { get; set; } = 1;

    /// <summary>When beam search ends. Default <see cref="BeamStopping.Heuristic"/>.</summary>
    public BeamStopping EarlyStopping { get; set; }

    /// <summary>
    /// Divides the positive logits of tokens that are in the prompt or the completion already, and multiplies the negative ones; greedy generation too.
    /// Above 0; below 1 it rewards repetition. Default 1 (no change).
    /// </summary>
    public double RepetitionPenalty { get; set; } = 1;

    /// <summary>No run of so many tokens comes twice in prompt and completion together; greedy generation too. 0 for no limit. Default 0.</summary>
    public int NoRepeatNgramSize { get; set; }

    /// <summary>Taken from a token's logit for each time that the completion has it already, before the temperature, as OpenAI's API does; below 0 it rewards. Default 0.</summary>
    public double FrequencyPenalty { get; set; }

    /// <summary>Taken once from the logit of every token that the completion has already, before the temperature, as OpenAI's API does; below 0 it rewards. Default 0.</summary>
    public double PresencePenalty { get; set; }

    /// <summary>Added to the logits of these token ids. Default none.</summary>
    public IReadOnlyDictionary<int, double> LogitBias { get; set; } = new Dictionary<int, double>();

    /// <summary>Runs of token ids that must not come up, in prompt and completion together; one id or more each, none of them the end token alone. Default none.</summary>
    public IReadOnlyList<IReadOnlyList<int>> BadWordsIds { get; set; } = [];

    /// <summary>Token ids that are never chosen. Default none.</summary>
    public IReadOnlyList<int> SuppressTokens { get; set; } = [];

    /// <summary>Token ids that are not chosen first. Default none.</summary>
    public IReadOnlyList<int> BeginSuppressTokens { get; set; } = [];

    /// <summary>No end token is chosen before so many others; 0 to <see cref="MaxNewTokens"/>. Default 0.</summary>
    public int MinNewTokens { get; set; }

    /// <summary>The token that is chosen last where <see cref="MaxNewTokens"/> is reached, whatever the model says. Null for none. Default null.</summary>
    public int? ForcedEosTokenId { get; set; }

    /// <summary>Seeds the sampling: the same seed, prompts and machine give the same text. Null draws afresh at each call. Default null.</summary>
    public int? Seed { get; set; }

    /// <summary>Token ids that end a completion, besides the model's own end tokens. Default none.</summary>
    public IReadOnlyList<int> StopTokenIds { get; set; } = [];

    /// <summary>
    /// Texts that end a completion, which is cut before the first of them; one may begin in one token and end in another. Default none.
    /// </summary>
    public IReadOnlyList<string> StopStrings { get; set; } = [];

    /// <summary>
    /// A JSON Schema that every completion is held to: tokens after which the text begins no valid document are never chosen, it ends when the document is whole, and near <see cref="MaxNewTokens"/> or the context's end only what can be ended in time is.
    /// Properties come in the schema's order; others than those that are named only where none is. Numbers have at most 15 digits. Keywords that cannot be held to (such as <c>pattern</c>) are errors. Not with beam search, nor what ends a completion otherwise (<see cref="StopStrings"/>,
    /// <see cref="ForcedEosTokenId"/>) or puts its end off (<see cref="MinNewTokens"/>). The model should be told what to write: the schema is not part of the prompt. Default null (any text).
    /// </summary>
    public string? JsonSchema { get; set; }

    /// <summary>
    /// Gives the log-probability of each chosen token and of so many most probable ones in its place (OpenAI's <c>top_logprobs</c>), 0 for the chosen one alone; what is said does not change.
    /// Not with beam search. Default null (none).
    /// </summary>
    public int? TopLogps { get; set; }

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
        OptionCheck.Positive(TypicalP, nameof(TypicalP));
        OptionCheck.Between(TypicalP, 0, 1, nameof(TypicalP));
        OptionCheck.BelowOne(EpsilonCutoff, nameof(EpsilonCutoff));
        OptionCheck.BelowOne(EtaCutoff, nameof(EtaCutoff));
        OptionCheck.Finite(FrequencyPenalty, nameof(FrequencyPenalty));
        OptionCheck.Finite(PresencePenalty, nameof(PresencePenalty));
        OptionCheck.Finite(LengthPenalty, nameof(LengthPenalty));
        OptionCheck.AtLeast(NumBeams, 1, nameof(NumBeams));
        OptionCheck.Defined(EarlyStopping, nameof(EarlyStopping));
        OptionCheck.AtLeast(MinNewTokens, 0, nameof(MinNewTokens));
        if (MinNewTokens > MaxNewTokens) throw new ArgumentException($"{nameof(MinNewTokens)} is {MinNewTokens} and {nameof(MaxNewTokens)} {MaxNewTokens}; raise the second, or lower the first.");
        OptionCheck.Positive(RepetitionPenalty, nameof(RepetitionPenalty));
        OptionCheck.AtLeast(NoRepeatNgramSize, 0, nameof(NoRepeatNgramSize));
        OptionCheck.AtLeast(BatchSize, 1, nameof(BatchSize));
        OptionCheck.Defined(OnLongPrompt, nameof(OnLongPrompt));
        RequireList(StopTokenIds, nameof(StopTokenIds));
        RequireList(StopStrings, nameof(StopStrings));
        RequireList(LogitBias, nameof(LogitBias));
        RequireList(BadWordsIds, nameof(BadWordsIds));
        RequireList(SuppressTokens, nameof(SuppressTokens));
        RequireList(BeginSuppressTokens, nameof(BeginSuppressTokens));
        foreach (var (id, bias) in LogitBias)
        {
            if (!double.IsFinite(bias)) throw new ArgumentException(FormattableString.Invariant($"{nameof(LogitBias)} of token {id} is {bias}; give a number, or name the token in {nameof(SuppressTokens)}."));
        }
        if (BadWordsIds.Any(word => word is not { Count: > 0 })) throw new ArgumentException($"{nameof(BadWordsIds)} has a run without ids, which is everywhere; leave it out.");
        if (StopStrings.Any(string.IsNullOrEmpty)) throw new ArgumentException($"{nameof(StopStrings)} has an empty text, which every completion begins with; leave it out.");
        if (NumBeams > 1 && Temperature != 0)
            throw new ArgumentException(FormattableString.Invariant($"{nameof(NumBeams)} is {NumBeams} and {nameof(Temperature)} {Temperature}: beam search does not sample; set {nameof(Temperature)} to 0, or {nameof(NumBeams)} to 1."));
        if (JsonSchema is not null) CheckSchema(JsonSchema);
        if (TopLogps is { } top)
        {
            OptionCheck.AtLeast(top, 0, nameof(TopLogps));
            if (NumBeams > 1) throw NotWithBeams(nameof(TopLogps));
        }
        if (NumBeams == 1)
        {
            if (LengthPenalty != 1) throw OnlyBeams(nameof(LengthPenalty), LengthPenalty);
            if (EarlyStopping != BeamStopping.Heuristic) throw OnlyBeams(nameof(EarlyStopping), EarlyStopping);
        }
        if (Temperature != 0) return;
        RequireSampling(TopK != 0, nameof(TopK), TopK);
        RequireSampling(TopP != 1, nameof(TopP), TopP);
        RequireSampling(MinP != 0, nameof(MinP), MinP);
        RequireSampling(TypicalP != 1, nameof(TypicalP), TypicalP);
        RequireSampling(EpsilonCutoff != 0, nameof(EpsilonCutoff), EpsilonCutoff);
        RequireSampling(EtaCutoff != 0, nameof(EtaCutoff), EtaCutoff);
    }

    /// <summary>The same settings in an object of their own; what the lists hold is shared.</summary>
    public GenerationOptions Clone() => (GenerationOptions)MemberwiseClone();

    private static void RequireList(object? list, string name)
    {
        if (list is null) throw new ArgumentException($"{name} is null; give a list, empty for none.");
    }

    private void CheckSchema(string schema)
    {
        if (NumBeams > 1) throw NotWithBeams(nameof(JsonSchema));
        var other = StopStrings.Count > 0 ? nameof(StopStrings) : MinNewTokens > 0 ? nameof(MinNewTokens) : ForcedEosTokenId is not null ? nameof(ForcedEosTokenId) : null;
        if (other is not null) throw new ArgumentException($"{nameof(JsonSchema)} and {other} are set: a document ends where it is whole; leave {other} out.");
        try
        {
            SchemaGrammar.Parse(schema);
        }
        catch (ArgumentException e)
        {
            throw new ArgumentException($"{nameof(JsonSchema)}: {e.Message}", e);
        }
    }

    private ArgumentException NotWithBeams(string name) => new($"{name} is set and {nameof(NumBeams)} is {NumBeams}: beam search does not give it; leave {name} out, or set {nameof(NumBeams)} to 1.");

    private static ArgumentException OnlyBeams(string name, object value) =>
        new(FormattableString.Invariant($"{name} is {value}, but {nameof(NumBeams)} is 1, and it is only beam search that reads it; leave {name} out, or give more beams."));

    private static void RequireSampling(bool given, string name, double value)
    {
        if (given) throw new ArgumentException(FormattableString.Invariant($"{name} is {value}, but Temperature is 0, which takes the most probable token whatever it is; leave {name} out, or give a Temperature above 0."));
    }
}
