using System.Globalization;
using MLNet.Dpo.Checks;

namespace MLNet.Dpo;

/// <summary>How pairs are built of scored responses.</summary>
public sealed class PairOptions
{
    /// <summary>Which responses are paired. Default all that are scored differently.</summary>
    public PairStrategy Strategy { get; set; } = PairStrategy.All;

    /// <summary>The least by which the chosen response's score must be above the rejected one's; 0 or more. Any difference is enough with 0. Default 0.</summary>
    public double MinGap { get; set; }

    /// <summary>The most pairs of a prompt, over all its rows; those with the largest gap are kept, rejected answers of your own before them. Null for no limit. Default null.</summary>
    public int? MaxPairsPerPrompt { get; set; }

    /// <summary>A column of rejected answers of your own: text, or a vector of text; empty ones are none. Each is paired with the row's best response. Null for none. Default null.</summary>
    public string? RejectedColumnName { get; set; }

    /// <summary>Makes a rejected answer of your own from a prompt and its best response; null or an empty text is none. Null for none. Default null.</summary>
    public Func<string, string, string?>? MakeRejected { get; set; }

    /// <summary>The vector of text that says where each response is from (a model, a person, ...). Rows need it only where sources are named below. Default <c>Sources</c>.</summary>
    public string SourcesColumnName { get; set; } = "Sources";

    /// <summary>Chosen responses are only taken from these sources. Null for any. Default null.</summary>
    public IReadOnlyCollection<string>? ChosenSources { get; set; }

    /// <summary>Rejected responses, but for your own ones, are only taken from these sources. Null for any. Default null.</summary>
    public IReadOnlyCollection<string>? RejectedSources { get; set; }

    /// <summary>The source that is the model to be trained: its share of the pairs' responses is said, for DPO does best on the model's own answers. Null where it is not known. Default null.</summary>
    public string? OnPolicySource { get; set; }

    /// <summary>How far the scorer agrees with people: what <c>ml.Preferences.Agreement</c> gives. Scores of a scorer are refused without it, or when it is too low; people's own scores need none. Default null.</summary>
    public ScorerAgreement? Agreement { get; set; }

    /// <summary>The least accuracy of <see cref="Agreement"/>, 0 to 1. Default 0.75.</summary>
    public double MinAccuracy { get; set; } = 0.75;

    /// <summary>The least labels of <see cref="Agreement"/>; 0 or more. Default 30.</summary>
    public int MinLabels { get; set; } = 30;

    /// <summary>True builds pairs of a scorer's scores whatever is known of its agreement with people; the log says so. Default false.</summary>
    public bool AllowLowAgreement { get; set; }

    /// <exception cref="ArgumentException">An option is out of range or contradicts another.</exception>
    internal void Validate()
    {
        OptionCheck.Defined(Strategy, nameof(Strategy));
        OptionCheck.NotNegative(MinGap, nameof(MinGap));
        OptionCheck.Between(MinAccuracy, 0, 1, nameof(MinAccuracy));
        OptionCheck.AtLeast(MinLabels, 0, nameof(MinLabels));
        if (MaxPairsPerPrompt is { } most) OptionCheck.AtLeast(most, 1, nameof(MaxPairsPerPrompt));
        if (string.IsNullOrEmpty(SourcesColumnName)) throw new ArgumentException("SourcesColumnName is empty; give the column's name, or leave it out for the usual one, Sources.");
        if (ChosenSources is { Count: 0 } || RejectedSources is { Count: 0 }) throw new ArgumentException("ChosenSources or RejectedSources names no source, so there could be no pair; name one, or set it to null for any.");
        if (Strategy == PairStrategy.OwnRejected && RejectedColumnName is null && MakeRejected is null)
            throw new ArgumentException("Strategy is OwnRejected, but neither RejectedColumnName nor MakeRejected is given; set one of them.");
    }

    internal bool NeedsSources => ChosenSources is not null || RejectedSources is not null || OnPolicySource is not null;

    /// <summary>Why pairs of this scorer's scores are not built; null where they are.</summary>
    internal string? Objection(string? scorer)
    {
        if (scorer is null && Agreement is null) return null;
        return Agreement switch
        {
            null => $"the scores are what {scorer} says, and nobody has compared it with people's labels",
            { Labels: var labels } when labels < MinLabels => $"the scorer was compared with {labels} labels, fewer than {MinLabels}",
            { Accuracy: var accuracy } when !(accuracy >= MinAccuracy) => string.Create(CultureInfo.InvariantCulture, $"the scorer agrees with people in {accuracy * 100:0.0} % of pairs (95 % interval {Agreement.Lower * 100:0.0} to {Agreement.Upper * 100:0.0} %), less than {MinAccuracy * 100:0.#} %"),
            _ => null,
        };
    }
}
