using MLNet.Dpo.Checks;

namespace MLNet.Dpo;

/// <summary>Which projections get a LoRA adapter, and how large it is. Names and defaults are PEFT's and TRL's.</summary>
public sealed class LoraOptions
{
    /// <summary>In <see cref="TargetModules"/>: every projection of every layer, but not the language-model head.</summary>
    public const string AllLinear = "all-linear";

    /// <summary>The rank r of the update; 1 or more. Default 16.</summary>
    public int Rank { get; set; } = 16;

    /// <summary>The update is scaled by alpha / rank (alpha / √rank with <see cref="UseRsLora"/>); above 0. Default 32.</summary>
    public double Alpha { get; set; } = 32;

    /// <summary>Whether the scale is alpha / √rank (arXiv 2312.03732). Default false.</summary>
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
        if (InitialAdapter is not null && (Rank != fresh.Rank || Alpha != fresh.Alpha || UseRsLora != fresh.UseRsLora || TargetModules is not [AllLinear]))
            throw new ArgumentException($"Lora.InitialAdapter is '{InitialAdapter}' and Rank, Alpha, UseRsLora or TargetModules is set too; the adapter brings its own, so leave them out.");
        OptionCheck.AtLeast(Rank, 1, "Lora.Rank");
        OptionCheck.Positive(Alpha, "Lora.Alpha");
        if (TargetModules is not { Count: > 0 })
            throw new ArgumentException($"Lora.TargetModules is empty; give projection names such as q_proj and v_proj, or {AllLinear}.");
    }

    internal LoraOptions Copy() => (LoraOptions)MemberwiseClone();

    /// <summary>The settings that decide a training's result, by name; an initial adapter's content is hashed elsewhere.</summary>
    internal IEnumerable<KeyValuePair<string, object?>> Identity() =>
    [
        new("Lora.Rank", Rank),
        new("Lora.Alpha", Alpha),
        new("Lora.UseRsLora", UseRsLora),
        new("Lora.TargetModules", string.Join(' ', TargetModules.Distinct().Order(StringComparer.Ordinal))),
    ];

    /// <summary>Whether a projection's name ends with one of the targets.</summary>
    internal bool Targets(string name) =>
        TargetModules.Any(target => target == AllLinear || name == target || name.EndsWith('.' + target, StringComparison.Ordinal));
}
