namespace MLNet.Dpo.Models.Architectures;

/// <summary>How a family reads its rotary keys.</summary>
/// <param name="Theta">rope_theta, where it is absent.</param>
/// <param name="Partial">partial_rotary_factor, where it is absent; null: the family rotates whole heads, and another factor is an error.</param>
internal sealed record RopeDefaults(double Theta = 10000, double? Partial = null)
{
    /// <summary>original_max_position_embeddings at the top level, where it is absent there; null: the scaling's own counts.</summary>
    internal int? OriginalLength { get; init; }

    /// <summary>Whether LongRoPE is the only scaling, under its two earlier names too (Phi-3).</summary>
    internal bool OnlyLongRope { get; init; }

    /// <summary>Whether dynamic scaling with an alpha is fixed by it (Hunyuan).</summary>
    internal bool AlphaIsDynamic { get; init; }
}

/// <summary>The rotary keys of <c>config.json</c>, in the names of transformers 5 (<c>rope_parameters</c>) and those before it, as transformers itself brings them together.</summary>
internal static class RopeKeys
{
    private const string OriginalLength = "original_max_position_embeddings";

    /// <summary>Reads the model's one set of keys.</summary>
    internal static RopeConfig Read(ConfigJson json, RopeDefaults defaults, int maxPositions)
    {
        var section = json.Section("rope_scaling") is { Json.Count: > 0 } old ? old : json.Section("rope_parameters");
        foreach (var type in new[] { "full_attention", "sliding_attention" })
        {
            if (section?.Json[type] is not null) throw json.Unsupported("rope_parameters", $"one set for {type}", "one set for all layers of this model_type");
        }
        return Read(json, section, defaults, maxPositions);
    }

    /// <summary>Reads one of several sets; what it lacks is looked for at the top level.</summary>
    internal static RopeConfig Read(ConfigJson json, ConfigJson? section, RopeDefaults defaults, int maxPositions)
    {
        var theta = section is not null && section.Has("rope_theta") ? section.Double("rope_theta", 0) : json.Double("rope_theta", defaults.Theta);
        if (theta <= 0) throw (section ?? json).Wrong("rope_theta", "a positive number");
        var partial = section is not null && section.Has("partial_rotary_factor") ? section.Double("partial_rotary_factor", 1) : json.Double("partial_rotary_factor", defaults.Partial ?? 1);
        if (partial is not (> 0 and <= 1)) throw (section ?? json).Wrong("partial_rotary_factor", "a number above 0, at most 1");
        if (defaults.Partial is null && partial != 1) throw json.Unsupported("partial_rotary_factor", FormattableString.Invariant($"{partial}"), "1 for this model_type");
        return new RopeConfig(theta, Scaling(json, section, defaults, maxPositions), partial);
    }

    /// <summary>The context that the scaling stretches to, where max_position_embeddings is the one before it.</summary>
    internal static int Context(RopeConfig rope, int maxPositions) => rope.Scaling switch
    {
        DynamicRopeScaling dynamic => Stretched(dynamic.MaxPositionEmbeddings, dynamic.Factor, maxPositions),
        YarnRopeScaling yarn => Stretched(yarn.OriginalMaxPositionEmbeddings, yarn.Factor, maxPositions),
        _ => maxPositions,
    };

    private static int Stretched(int length, double factor, int least) => (int)Math.Clamp(length * factor, least, Math.Max(least, int.MaxValue - 1.0));

    /// <summary>The rope_type of a set of keys.</summary>
    internal static string TypeOf(ConfigJson? section) => section?.Text("rope_type") ?? section?.Text("type") ?? "default";

    private static RopeScaling? Scaling(ConfigJson json, ConfigJson? section, RopeDefaults defaults, int maxPositions) => TypeOf(section) switch
    {
        "su" or "yarn" or "longrope" when defaults.OnlyLongRope => LongRope(section!, Original(json, section!, defaults, maxPositions), maxPositions),
        not "default" and var type when defaults.OnlyLongRope => throw json.Unsupported("rope_type", $"'{type}'", "default, longrope for this model_type"),
        "default" => null,
        "dynamic" when defaults.AlphaIsDynamic && section!.Double("alpha", 0) is > 0 and var alpha => new AlphaRopeScaling(alpha),
        "linear" => new LinearRopeScaling(Factor(section!)),
        "dynamic" => new DynamicRopeScaling(Factor(section!), Positive(json, "max_position_embeddings", maxPositions)),
        "llama3" => new Llama3RopeScaling(Factor(section!), Required(section!, "low_freq_factor"), Required(section!, "high_freq_factor"), Original(json, section!, defaults, maxPositions)),
        "yarn" => Yarn(section!, Original(json, section!, defaults, maxPositions), maxPositions),
        "longrope" => LongRope(section!, Original(json, section!, defaults, maxPositions), maxPositions),
        var type => throw json.Unsupported("rope_type", $"'{type}'", "default, linear, dynamic, llama3, yarn, longrope"),
    };

    private static YarnRopeScaling Yarn(ConfigJson section, int original, int maxPositions)
    {
        var factor = section.Has("factor") ? Factor(section) : (double)maxPositions / original;
        var (mscale, mscaleAll) = (section.Double("mscale", 0), section.Double("mscale_all_dim", 0));
        var attention = section.Has("attention_factor") ? section.Double("attention_factor", 1)
            : mscale != 0 && mscaleAll != 0 ? Sharpening(factor, mscale) / Sharpening(factor, mscaleAll)
            : Sharpening(factor, 1);
        var (fast, slow) = (section.Double("beta_fast", 0), section.Double("beta_slow", 0));
        return new YarnRopeScaling(factor, attention, fast == 0 ? 32 : fast, slow == 0 ? 1 : slow, section.Bool("truncate", true), original);
    }

    private static double Sharpening(double factor, double mscale) => factor <= 1 ? 1 : (0.1 * mscale * Math.Log(factor)) + 1;

    private static LongRopeScaling LongRope(ConfigJson section, int original, int maxPositions)
    {
        var factor = section.Has("factor") ? Factor(section) : (double)maxPositions / original;
        var attention = section.Has("attention_factor") ? section.Double("attention_factor", 1)
            : factor <= 1 ? 1 : Math.Sqrt(1 + (Math.Log(factor) / Math.Log(original)));
        return new LongRopeScaling(new ValueList<double>(section.Numbers("short_factor")), new ValueList<double>(section.Numbers("long_factor")), attention, original);
    }

    // At the top level (Phi-3) it comes first.
    private static int Original(ConfigJson json, ConfigJson section, RopeDefaults defaults, int maxPositions) =>
        Positive(json, OriginalLength, json.Has(OriginalLength) ? json.Int(OriginalLength) : defaults.OriginalLength ?? section.Int(OriginalLength, maxPositions));

    private static int Positive(ConfigJson json, string key, int value) =>
        value > 0 ? value : throw new InvalidDataException($"{json.Path}: {key} is {value}; expected a positive number.");

    private static double Factor(ConfigJson section) => Required(section, "factor") is > 0 and var factor ? factor : throw section.Wrong("factor", "a positive number");

    private static double Required(ConfigJson section, string key) => section.Has(key)
        ? section.Double(key, 0)
        : throw new InvalidDataException($"{section.Path}: key {key} is missing in the rope settings of rope_type '{TypeOf(section)}'; the folder does not hold a complete model configuration.");
}
