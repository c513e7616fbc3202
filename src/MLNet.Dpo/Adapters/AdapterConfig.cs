using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using MLNet.Dpo.Models;
using static TorchSharp.torch;

namespace MLNet.Dpo.Adapters;

/// <summary>The settings of an adapter as PEFT's <c>adapter_config.json</c> holds them; they also choose which kind of <see cref="IAdapter"/> it is.</summary>
/// <param name="Rank">r.</param>
/// <param name="Alpha">lora_alpha.</param>
/// <param name="UseRsLora">Whether the scale is alpha / √r.</param>
/// <param name="RankPattern">Ranks of the modules whose names match, by pattern.</param>
/// <param name="AlphaPattern">Alphas of the modules whose names match, by pattern.</param>
internal sealed record AdapterConfig(
    int Rank, double Alpha, bool UseRsLora, IReadOnlyDictionary<string, double> RankPattern, IReadOnlyDictionary<string, double> AlphaPattern)
{
    private static readonly string[] BiasNames = ["none", "all", "lora_only"];

    /// <summary>Which modules it is for.</summary>
    public ModuleTargets Targets { get; init; } = new(null, null, [], []);

    /// <summary>Whether it is DoRA.</summary>
    public bool UseDora { get; init; }

    /// <summary>How the matrices began. PEFT takes such a part of the base off again when it loads an adapter that says so.</summary>
    public LoraInitialization Initialization { get; init; }

    /// <summary>The dropout while training.</summary>
    public double Dropout { get; init; }

    /// <summary>Modules that are trained and saved whole: ends of their names.</summary>
    public IReadOnlyList<string> ModulesToSave { get; init; } = [];

    /// <summary>Whether head and embedding stay one tensor where they are one in the base and one of them is in <see cref="ModulesToSave"/>.</summary>
    public bool EnsureWeightTying { get; init; }

    /// <summary>The biases that are trained too.</summary>
    public LoraBias Bias { get; init; }

    // Such an adapter is written as a LoRA of twice the rank, at the same scale.
    private bool IsPartOfBase => Initialization is LoraInitialization.Pissa or LoraInitialization.Olora;

    internal static AdapterConfig From(LoraOptions options) => new(
        options.Rank, options.AlphaUsed, options.UseRsLora,
        options.RankPattern.ToDictionary(p => p.Key, p => (double)p.Value), options.AlphaPattern.ToDictionary())
    {
        Targets = ModuleTargets.From(options),
        UseDora = options.UseDora,
        Initialization = options.Initialization,
        Dropout = options.Dropout ?? 0,
        ModulesToSave = [.. options.ModulesToSave],
        EnsureWeightTying = options.EnsureWeightTying,
        Bias = options.Bias,
    };

    internal static AdapterConfig Read(ConfigJson json)
    {
        if (json.Text("peft_type") is var type and not "LORA") throw json.Unsupported("peft_type", $"'{type}'", "LORA");
        PeftKeys.Check(json);
        var bias = Array.IndexOf(BiasNames, json.Text("bias") ?? "none");
        if (bias < 0) throw json.Unsupported("bias", $"'{json.Text("bias")}'", string.Join(", ", BiasNames));
        var dropout = json.Double("lora_dropout", 0);
        if (!(dropout >= 0 && dropout < 1)) throw json.Wrong("lora_dropout", "a number from 0 to below 1");
        return new AdapterConfig(json.Int("r"), json.Double("lora_alpha", 8), json.Bool("use_rslora", false), Pattern(json, "rank_pattern"), Pattern(json, "alpha_pattern"))
        {
            Targets = ModuleTargets.Read(json),
            UseDora = json.Bool("use_dora", false),
            Initialization = json.Json["init_lora_weights"]?.ToJsonString() switch { "\"pissa\"" => LoraInitialization.Pissa, "\"olora\"" => LoraInitialization.Olora, _ => LoraInitialization.Kaiming },
            Dropout = dropout,
            ModulesToSave = json.Has("modules_to_save") ? json.Texts("modules_to_save") : [],
            EnsureWeightTying = json.Bool("ensure_weight_tying", false),
            Bias = (LoraBias)bias,
        };
    }

    /// <summary>A fresh adapter for one projection, which changes nothing yet.</summary>
    internal IAdapter Initialize(Linear projection, Random random)
    {
        var lora = LoraStart.Initialize(Initialization, projection, (int)RankOf(projection.Name), ScaleOf(projection.Name), random, Dropout);
        return UseDora ? DoraAdapter.Initialize(projection, lora) : lora;
    }

    /// <summary>An adapter from a file.</summary>
    /// <param name="projection">Where it goes.</param>
    /// <param name="tensors">All that the file has for the projection, by their names within it.</param>
    /// <param name="path">The file; errors name it.</param>
    internal IAdapter Create(Linear projection, IReadOnlyDictionary<string, Tensor> tensors, string path)
    {
        var (rank, scale) = ((int)RankOf(projection.Name), ScaleOf(projection.Name));
        if (IsPartOfBase && rank > Math.Min(projection.InFeatures, projection.OutFeatures))
            throw new InvalidDataException($"{path}: r is {rank} for {projection.Name}, which has no more than {Math.Min(projection.InFeatures, projection.OutFeatures)} directions to begin with; use the adapter_config.json and the base that belong to it.");
        LoraAdapter Lora(IReadOnlyDictionary<string, Tensor> matrices) =>
            LoraAdapter.From(projection, matrices, scale, rank, Dropout, path, () => IsPartOfBase ? LoraStart.Of(Initialization, projection, rank, scale) : null);
        return UseDora ? DoraAdapter.From(projection, tensors, Lora, path) : Lora(tensors);
    }

    /// <summary>Whether a projection gets an adapter.</summary>
    internal bool Adapts(Linear projection, CausalLM model) => !IsInSavedModule(projection.Name) && Targets.Match(projection.Name, ReferenceEquals(projection, model.Head.Projection));

    /// <summary>The weights of the base that are trained whole.</summary>
    internal IReadOnlyList<Weight> Replaced(CausalLM model)
    {
        var adapted = Bias == LoraBias.LoraOnly ? model.Adaptable.Where(p => Adapts(p, model)).Select(p => p.Name + ".bias").ToHashSet(StringComparer.Ordinal) : [];
        return [.. model.Weights.Where(weight => IsSaved(weight.Name) || IsTied(weight, model) || adapted.Contains(weight.Name)
            || (Bias == LoraBias.All && weight.Name.AsSpan(weight.Name.LastIndexOf('.') + 1).Contains("bias", StringComparison.Ordinal)))];
    }

    /// <summary>Whether a weight of the base goes with the module that <see cref="ModulesToSave"/> names, because it is the same tensor.</summary>
    internal bool IsTied(Weight weight, CausalLM model) =>
        EnsureWeightTying && model.Head.Tied is { } head && (weight == head || weight == head.TiedTo) && (IsSaved(head.Name) || IsSaved(head.TiedTo!.Name));

    /// <summary>Whether a weight belongs to a module that <see cref="ModulesToSave"/> names. As in PEFT, a module's path only has to end with the name.</summary>
    internal bool IsSaved(string weight) => ModulesToSave.Any(name => Names(name, weight));

    /// <summary>Whether a name of <see cref="ModulesToSave"/> means the module of a weight, or one around it.</summary>
    internal static bool Names(string name, string weight)
    {
        for (var end = weight.LastIndexOf('.'); end > 0; end = weight.LastIndexOf('.', end - 1))
        {
            if (weight.AsSpan(0, end).EndsWith(name, StringComparison.Ordinal)) return true;
        }
        return false;
    }

    /// <summary>The factor on one module's update.</summary>
    internal double ScaleOf(string module)
    {
        var (rank, alpha) = (RankOf(module), Matching(AlphaPattern, module) ?? Alpha);
        var scale = alpha / (UseRsLora ? Math.Sqrt(rank) : rank);
        return Math.Abs(scale) <= float.MaxValue ? scale
            : throw new InvalidDataException(FormattableString.Invariant($"adapter_config.json: lora_alpha is {alpha} and r is {rank} for {module}, a scale of {scale} which a float32 does not hold; use the file that belongs to the adapter."));
    }

    /// <summary>The file's content, with the keys that PEFT needs to load it.</summary>
    internal JsonObject ToJson(string? basePath, IEnumerable<string> modules)
    {
        var ranks = IsPartOfBase ? 2 : 1;
        var alphas = !IsPartOfBase ? 1 : UseRsLora ? Math.Sqrt(2) : 2;
        return new()
        {
            ["alpha_pattern"] = Object(AlphaPattern, alphas),
            ["base_model_name_or_path"] = basePath,
            ["bias"] = BiasNames[(int)Bias],
            ["ensure_weight_tying"] = EnsureWeightTying,
            ["fan_in_fan_out"] = false,
            ["inference_mode"] = true,
            ["init_lora_weights"] = true,
            ["lora_alpha"] = Alpha * alphas,
            ["lora_dropout"] = Dropout,
            ["modules_to_save"] = ModulesToSave.Count == 0 ? null : new JsonArray([.. ModulesToSave.Select(m => JsonValue.Create(m))]),
            ["peft_type"] = "LORA",
            ["r"] = Rank * ranks,
            ["rank_pattern"] = Object(RankPattern, ranks),
            ["target_modules"] = new JsonArray([.. modules.Select(m => JsonValue.Create(m))]),
            ["task_type"] = "CAUSAL_LM",
            ["use_dora"] = UseDora,
            ["use_rslora"] = UseRsLora,
        };
    }

    // PEFT: an adapter never sits in a module that is saved whole.
    private bool IsInSavedModule(string module) => ModulesToSave.Any(name => Names(name, module + ".weight"));

    internal double RankOf(string module) => (Matching(RankPattern, module) ?? Rank) is var rank && rank >= 1 && rank <= int.MaxValue && rank == Math.Floor(rank) ? rank
        : throw new InvalidDataException(FormattableString.Invariant($"adapter_config.json: r is {rank} for {module}; allowed: a whole number, 1 or more."));

    private static Dictionary<string, double> Pattern(ConfigJson json, string key)
    {
        var section = json.Section(key);
        if (section is null) return [];
        foreach (var (pattern, _) in section.Json) _ = Expression(pattern, $"{json.Path}: {key}");
        return section.Json.ToDictionary(p => p.Key, p => section.Double(p.Key, 0));
    }

    // PEFT: a key is a regular expression for the end of the module's name, after a dot or the beginning.
    private static double? Matching(IReadOnlyDictionary<string, double> pattern, string module)
    {
        foreach (var (key, value) in pattern)
        {
            if (ModuleNames.Run(Expression(key, "adapter_config.json"), module).Success) return value;
        }
        return null;
    }

    /// <summary>The expression that a key of a pattern stands for.</summary>
    internal static Regex Expression(string key, string what) => ModuleNames.Compile(key, $@"^(.*\.)?({key})$", what);

    private static JsonObject Object(IReadOnlyDictionary<string, double> pattern, double factor) =>
        new(pattern.Select(p => KeyValuePair.Create(p.Key, (JsonNode?)JsonValue.Create(p.Value * factor))));
}
