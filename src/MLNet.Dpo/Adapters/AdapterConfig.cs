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
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    internal static AdapterConfig From(LoraOptions options) =>
        new(options.Rank, options.AlphaUsed, options.UseRsLora, new Dictionary<string, double>(), new Dictionary<string, double>());

    internal static AdapterConfig Read(ConfigJson json)
    {
        if (json.Text("peft_type") is var type and not "LORA") throw json.Unsupported("peft_type", $"'{type}'", "LORA");
        PeftKeys.Check(json);
        if (json.Text("bias") is { } bias and not "none") throw json.Unsupported("bias", $"'{bias}'", "none");
        return new AdapterConfig(json.Int("r"), json.Double("lora_alpha", 8), json.Bool("use_rslora", false), Pattern(json, "rank_pattern"), Pattern(json, "alpha_pattern"));
    }

    /// <summary>A fresh adapter for one projection, which changes nothing yet.</summary>
    internal IAdapter Initialize(Linear projection, Random random) =>
        LoraAdapter.Initialize(projection, (int)RankOf(projection.Name), ScaleOf(projection.Name), random);

    /// <summary>An adapter from a file.</summary>
    /// <param name="projection">Where it goes.</param>
    /// <param name="tensors">All that the file has for the projection, by their names within it.</param>
    /// <param name="path">The file; errors name it.</param>
    internal IAdapter Create(Linear projection, IReadOnlyDictionary<string, Tensor> tensors, string path) =>
        LoraAdapter.From(projection, tensors, (int)RankOf(projection.Name), ScaleOf(projection.Name), path);

    /// <summary>The factor on one module's update.</summary>
    internal double ScaleOf(string module)
    {
        var (rank, alpha) = (RankOf(module), Matching(AlphaPattern, module) ?? Alpha);
        var scale = alpha / (UseRsLora ? Math.Sqrt(rank) : rank);
        return Math.Abs(scale) <= float.MaxValue ? scale
            : throw new InvalidDataException(FormattableString.Invariant($"adapter_config.json: lora_alpha is {alpha} and r is {rank} for {module}, a scale of {scale} which a float32 does not hold; use the file that belongs to the adapter."));
    }

    /// <summary>The file's content, with the keys that PEFT needs to load it.</summary>
    internal JsonObject ToJson(string? basePath, IEnumerable<string> modules) => new()
    {
        ["alpha_pattern"] = Object(AlphaPattern),
        ["base_model_name_or_path"] = basePath,
        ["bias"] = "none",
        ["fan_in_fan_out"] = false,
        ["inference_mode"] = true,
        ["init_lora_weights"] = true,
        ["lora_alpha"] = Alpha,
        ["lora_dropout"] = 0.0,
        ["modules_to_save"] = null,
        ["peft_type"] = "LORA",
        ["r"] = Rank,
        ["rank_pattern"] = Object(RankPattern),
        ["target_modules"] = new JsonArray([.. modules.Select(m => JsonValue.Create(m))]),
        ["task_type"] = "CAUSAL_LM",
        ["use_dora"] = false,
        ["use_rslora"] = UseRsLora,
    };

    private double RankOf(string module) => (Matching(RankPattern, module) ?? Rank) is var rank && rank >= 1 && rank <= int.MaxValue && rank == Math.Floor(rank) ? rank
        : throw new InvalidDataException(FormattableString.Invariant($"adapter_config.json: r is {rank} for {module}; allowed: a whole number, 1 or more."));

    private static Dictionary<string, double> Pattern(ConfigJson json, string key)
    {
        var section = json.Section(key);
        if (section is null) return [];
        foreach (var (pattern, _) in section.Json)
        {
            try
            {
                _ = Expression(pattern);
            }
            catch (ArgumentException e)
            {
                throw new InvalidDataException($"{json.Path}: {key} has the regular expression {pattern}, which cannot be read: {e.Message.ReplaceLineEndings(" ")}", e);
            }
        }
        return section.Json.ToDictionary(p => p.Key, p => section.Double(p.Key, 0));
    }

    // PEFT: a key is a regular expression for the end of the module's name, after a dot or the beginning.
    private static double? Matching(IReadOnlyDictionary<string, double> pattern, string module)
    {
        foreach (var (key, value) in pattern)
        {
            try
            {
                if (Expression(key).IsMatch(module)) return value;
            }
            catch (RegexMatchTimeoutException e)
            {
                throw new InvalidDataException($"adapter_config.json: the regular expression {key} takes more than {Limit.TotalSeconds} seconds on the module name {module}; simplify its repetitions.", e);
            }
        }
        return null;
    }

    /// <summary>Without backtracking where .NET can (whether a name matches is the same either way), else with a time limit.</summary>
    private static Regex Expression(string key)
    {
        var whole = $@"^(.*\.)?({key})$";
        try
        {
            return new Regex(whole, RegexOptions.NonBacktracking, Limit);
        }
        catch (NotSupportedException)
        {
            return new Regex(whole, RegexOptions.None, Limit);
        }
    }

    private static JsonObject Object(IReadOnlyDictionary<string, double> pattern) =>
        new(pattern.Select(p => KeyValuePair.Create(p.Key, (JsonNode?)JsonValue.Create(p.Value))));
}
