using MLNet.Dpo.Checks;

namespace MLNet.Dpo;

/// <summary>
/// Which projections get a LoRA adapter, and how large it is; names are PEFT's. As it comes it is rank 64 with alpha 64; with <see cref="UseRsLora"/> alone, rank 64 with alpha 6.
/// </summary>
public sealed class LoraOptions
{
    /// <summary>In <see cref="TargetModules"/>: every projection of every layer, but not the language-model head.</summary>
    public const string AllLinear = "all-linear";

    /// <summary>The rank r of the update; 1 or more. Default 64.</summary>
    public int Rank { get; set; } = 64;

    /// <summary>
    /// The update is scaled by alpha / rank (alpha / √rank with <see cref="UseRsLora"/>); above 0. Null, the default, is <see cref="Rank"/>, and with <see cref="UseRsLora"/>
    /// three quarters of √rank, rounded down but at least 1: 6 at rank 64, 4 at rank 32.
    /// </summary>
    public double? Alpha { get; set; }

    /// <summary>Whether the scale is alpha / √rank (arXiv 2312.03732). An alpha of your own should be no more than √rank. Default false.</summary>
    public bool UseRsLora { get; set; }

    /// <summary>The last parts of the names of the projections to adapt, for example <c>q_proj</c> and <c>v_proj</c>. Default <see cref="AllLinear"/>.</summary>
    public IReadOnlyList<string> TargetModules { get; set; } = [AllLinear];

    /// <summary>
    /// A PEFT adapter folder to go on training; the reference is then the base with this adapter. Its own rank, alpha and targets hold, so
    /// the settings above must keep their defaults. Default null: a fresh adapter that changes nothing yet.
    /// </summary>
    public string? InitialAdapter { get; set; }

    /// <summary>Checks the settings.</summary>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    public void Validate()
    {
        var fresh = new LoraOptions();
        if (InitialAdapter is not null && (Rank != fresh.Rank || Alpha is not null || UseRsLora || TargetModules is not [AllLinear]))
            throw new ArgumentException($"Lora.InitialAdapter is '{InitialAdapter}' and Rank, Alpha, UseRsLora or TargetModules is set too; the adapter brings its own, so leave them out.");
        OptionCheck.AtLeast(Rank, 1, "Lora.Rank");
        if (Alpha is { } alpha) OptionCheck.Positive(alpha, "Lora.Alpha");
        if (TargetModules is not { Count: > 0 })
            throw new ArgumentException($"Lora.TargetModules is empty; give projection names such as q_proj and v_proj, or {AllLinear}.");
    }

    /// <summary><see cref="Alpha"/>, or what stands for it.</summary>
    internal double AlphaUsed => Alpha ?? (UseRsLora ? Math.Max(1, Math.Floor(0.75 * Math.Sqrt(Rank))) : Rank);

    internal LoraOptions Copy() => (LoraOptions)MemberwiseClone();

    /// <summary>The settings that decide a training's result, by name; an initial adapter's content is hashed elsewhere.</summary>
    internal IEnumerable<KeyValuePair<string, object?>> Identity() =>
    [
        new("Lora.Rank", Rank),
        new("Lora.Alpha", AlphaUsed),
        new("Lora.UseRsLora", UseRsLora),
        new("Lora.TargetModules", string.Join(' ', TargetModules.Distinct().Order(StringComparer.Ordinal))),
    ];

    /// <summary>Whether a projection's name ends with one of the targets.</summary>
    internal bool Targets(string name) =>
        TargetModules.Any(target => target == AllLinear || name == target || name.EndsWith('.' + target, StringComparison.Ordinal));
}
