using MLNet.Dpo.Adapters;
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

    /// <summary>Ranks of single modules: a key is a regular expression for the end of a module's name, as <c>down_proj</c> or <c>layers\.0\..*o_proj</c>; the first that matches counts. Default none.</summary>
    public IReadOnlyDictionary<string, int> RankPattern { get; set; } = new Dictionary<string, int>();

    /// <summary>Alphas of single modules, by the same kind of keys; others have <see cref="Alpha"/>. Default none.</summary>
    public IReadOnlyDictionary<string, double> AlphaPattern { get; set; } = new Dictionary<string, double>();

    /// <summary>
    /// The last parts of the names of the projections to adapt, or whole names, for example <c>q_proj</c> and <c>v_proj</c>; <c>lm_head</c> is the language-model head. Default <see cref="AllLinear"/>.
    /// </summary>
    public IReadOnlyList<string> TargetModules { get; set; } = [AllLinear];

    /// <summary>A regular expression for the whole names of the projections to adapt, instead of <see cref="TargetModules"/>, for example <c>.*\.layers\.[01]\..*(q|v)_proj</c>. Default null.</summary>
    public string? TargetPattern { get; set; }

    /// <summary>Projections to leave out of the targets, named as in <see cref="TargetModules"/>. Default none.</summary>
    public IReadOnlyList<string> ExcludeModules { get; set; } = [];

    /// <summary>A regular expression for the whole names of projections to leave out, instead of <see cref="ExcludeModules"/>. Default null.</summary>
    public string? ExcludePattern { get; set; }

    /// <summary>Numbers of the layers whose projections are adapted, from 0 on; not with <see cref="TargetPattern"/>. Default none: all layers.</summary>
    public IReadOnlyList<int> LayersToTransform { get; set; } = [];

    /// <summary>The parts of names that stand before a layer's number (<c>layers</c>, <c>h</c>), where <see cref="LayersToTransform"/> is given. Default none: any.</summary>
    public IReadOnlyList<string> LayersPattern { get; set; } = [];

    /// <summary>Whether the length of each row of the weights is trained apart from its direction (DoRA, arXiv 2402.09353). Default false.</summary>
    public bool UseDora { get; set; }

    /// <summary>What the fresh matrices are. Default <see cref="LoraInitialization.Kaiming"/>.</summary>
    public LoraInitialization Initialization { get; set; }

    /// <summary>
    /// The probability with which an element of an adapter's input is dropped while training, 0 to below 1; the reference, evaluations and the trained model drop nothing. The same seed drops the same; another
    /// <see cref="TrainingOptions.MaxTokensPerMicroBatch"/> does not. Null, the default, is 0, or what <see cref="InitialAdapter"/> was trained with.
    /// </summary>
    public double? Dropout { get; set; }

    /// <summary>
    /// Ends of the names of modules that are trained whole beside the adapter and saved with it, for example <c>embed_tokens</c> or <c>lm_head</c>; the reference has the originals. An embedding that is tied to the head is
    /// trained apart from it, unless <see cref="EnsureWeightTying"/> is set. Default none.
    /// </summary>
    public IReadOnlyList<string> ModulesToSave { get; set; } = [];

    /// <summary>Whether embedding and head, where they are one tensor in the base, stay one when <see cref="ModulesToSave"/> names either. Default false.</summary>
    public bool EnsureWeightTying { get; set; }

    /// <summary>Which biases are trained too; the reference has the originals. Default <see cref="LoraBias.None"/>.</summary>
    public LoraBias Bias { get; set; }

    /// <summary>How many times the learning rate of A that of B is (LoRA+, arXiv 2402.12354), and that of all vectors, as in PEFT; 1 or more, 16 in the paper. Null, the default, is 1.</summary>
    public double? LoraPlusLrRatio { get; set; }

    /// <summary>
    /// A PEFT adapter folder to go on training; the reference is then the base with this adapter. Its own rank, alpha, targets and kind hold, so
    /// the settings above but <see cref="Dropout"/> and <see cref="LoraPlusLrRatio"/> must keep their defaults. Default null: a fresh adapter that changes nothing yet.
    /// </summary>
    public string? InitialAdapter { get; set; }

    /// <summary>Checks the settings.</summary>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    public void Validate()
    {
        RequireAlone();
        OptionCheck.AtLeast(Rank, 1, "Lora.Rank");
        if (Alpha is { } alpha) OptionCheck.Positive(alpha, "Lora.Alpha");
        foreach (var (key, rank) in RankPattern) OptionCheck.AtLeast(rank, 1, $"Lora.RankPattern['{key}']");
        foreach (var (key, value) in AlphaPattern) OptionCheck.Positive(value, $"Lora.AlphaPattern['{key}']");
        OptionCheck.Defined(Initialization, "Lora.Initialization");
        OptionCheck.Defined(Bias, "Lora.Bias");
        if (Dropout is { } dropout) OptionCheck.BelowOne(dropout, "Lora.Dropout");
        if (LoraPlusLrRatio is { } ratio && !(ratio >= 1 && ratio <= 1e6))
            throw new ArgumentException(FormattableString.Invariant($"Lora.LoraPlusLrRatio is {ratio}; allowed: a number from 1 to 1000000."));
        if (ModulesToSave.Any(string.IsNullOrWhiteSpace)) throw new ArgumentException("Lora.ModulesToSave has an empty name; give names of modules such as lm_head.");
        if (EnsureWeightTying && ModulesToSave.Count == 0) throw new ArgumentException("Lora.EnsureWeightTying is set, but Lora.ModulesToSave is empty; name embed_tokens or lm_head there, or leave it false.");
        ValidateTargets();
    }

    private void RequireAlone()
    {
        if (InitialAdapter is null) return;
        var fresh = new LoraOptions { Dropout = Dropout, LoraPlusLrRatio = LoraPlusLrRatio }.Identity().ToDictionary();
        var others = Identity().Where(setting => !fresh.TryGetValue(setting.Key, out var value) || !Equals(value, setting.Value)).Select(setting => setting.Key["Lora.".Length..]).ToList();
        if (others.Count > 0 || Alpha is not null)
            throw new ArgumentException($"Lora.InitialAdapter is '{InitialAdapter}' and {string.Join(", ", others.DefaultIfEmpty(nameof(Alpha)))} is set too; the adapter brings its own, so leave all but Dropout and LoraPlusLrRatio out.");
    }

    private void ValidateTargets()
    {
        if (TargetModules is not { Count: > 0 } || TargetModules.Any(string.IsNullOrWhiteSpace))
            throw new ArgumentException($"Lora.TargetModules is empty; give projection names such as q_proj and v_proj, or {AllLinear}.");
        if (TargetPattern is not null && TargetModules is not [AllLinear]) throw new ArgumentException("Lora.TargetModules and Lora.TargetPattern are both set; give one of them.");
        if (ExcludePattern is not null && ExcludeModules.Count > 0) throw new ArgumentException("Lora.ExcludeModules and Lora.ExcludePattern are both set; give one of them.");
        if (TargetPattern is not null && LayersToTransform.Count > 0) throw new ArgumentException("Lora.LayersToTransform is set beside Lora.TargetPattern; say the layers in the pattern.");
        if (LayersPattern.Count > 0 && LayersToTransform.Count == 0) throw new ArgumentException("Lora.LayersPattern is set, but Lora.LayersToTransform is not; give the layers' numbers too.");
        if (LayersToTransform.Any(layer => layer < 0)) throw new ArgumentException($"Lora.LayersToTransform is [{string.Join(", ", LayersToTransform)}]; layers are counted from 0 on.");
        try
        {
            ModuleTargets.From(this);
            foreach (var pattern in LayersPattern) ModuleTargets.LayerNumber(pattern, "Lora.LayersPattern");
            foreach (var key in RankPattern.Keys) AdapterConfig.Expression(key, "Lora.RankPattern");
            foreach (var key in AlphaPattern.Keys) AdapterConfig.Expression(key, "Lora.AlphaPattern");
        }
        catch (InvalidDataException e)
        {
            throw new ArgumentException(e.Message, e);
        }
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
        .. More().Where(setting => setting.Value is not (null or "" or false or LoraInitialization.Kaiming or LoraBias.None)), // runs of earlier versions lack what is new
    ];

    private IEnumerable<KeyValuePair<string, object?>> More() =>
    [
        new("Lora.RankPattern", Joined(RankPattern.Select(p => FormattableString.Invariant($"{p.Key}: {p.Value}")))),
        new("Lora.AlphaPattern", Joined(AlphaPattern.Select(p => FormattableString.Invariant($"{p.Key}: {p.Value}")))),
        new("Lora.TargetPattern", TargetPattern),
        new("Lora.ExcludeModules", Joined(ExcludeModules.Distinct().Order(StringComparer.Ordinal))),
        new("Lora.ExcludePattern", ExcludePattern),
        new("Lora.LayersToTransform", Joined(LayersToTransform.Distinct().Order().Select(layer => FormattableString.Invariant($"{layer}")))),
        new("Lora.LayersPattern", Joined(LayersPattern)),
        new("Lora.UseDora", UseDora),
        new("Lora.Initialization", Initialization),
        new("Lora.Dropout", Dropout is 0 ? null : Dropout),
        new("Lora.ModulesToSave", Joined(ModulesToSave.Distinct().Order(StringComparer.Ordinal))),
        new("Lora.EnsureWeightTying", EnsureWeightTying),
        new("Lora.Bias", Bias),
        new("Lora.LoraPlusLrRatio", LoraPlusLrRatio is 1 ? null : LoraPlusLrRatio),
    ];

    private static string Joined(IEnumerable<string> parts) => string.Join(' ', parts);
}
