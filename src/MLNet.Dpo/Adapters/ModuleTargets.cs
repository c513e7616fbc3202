using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using MLNet.Dpo.Models;

namespace MLNet.Dpo.Adapters;

/// <summary>Which modules get an adapter, by PEFT's rules for <c>target_modules</c>, <c>exclude_modules</c>, <c>layers_to_transform</c>, <c>layers_pattern</c> and <c>modules_to_save</c>.</summary>
/// <param name="Include">The modules; null: not said, which is so only of models saved by earlier versions.</param>
/// <param name="Exclude">Modules that are left out; null: none.</param>
/// <param name="Layers">Numbers of layers; empty: all.</param>
/// <param name="LayersPattern">What stands before a layer's number in its modules' names; empty: anything.</param>
internal sealed record ModuleTargets(ModuleNames? Include, ModuleNames? Exclude, IReadOnlyList<int> Layers, IReadOnlyList<string> LayersPattern)
{
    internal static ModuleTargets From(LoraOptions options) => new(
        options.TargetPattern is { } pattern ? ModuleNames.Matching(pattern, "Lora.TargetPattern") : new ModuleNames(options.TargetModules, null),
        options.ExcludePattern is { } excluded ? ModuleNames.Matching(excluded, "Lora.ExcludePattern") : options.ExcludeModules.Count > 0 ? new ModuleNames(options.ExcludeModules, null) : null,
        options.LayersToTransform,
        options.LayersPattern);

    internal static ModuleTargets Read(ConfigJson json)
    {
        var (include, exclude) = (ModuleNames.Read(json, "target_modules"), ModuleNames.Read(json, "exclude_modules"));
        IReadOnlyList<int> layers = json.Json["layers_to_transform"] is JsonValue ? [json.Int("layers_to_transform")]
            : json.Has("layers_to_transform") ? [.. json.Numbers("layers_to_transform").Select(number => number is >= 0 and <= int.MaxValue && number == Math.Floor(number) ? (int)number : throw json.Wrong("layers_to_transform", "whole numbers"))] : [];
        IReadOnlyList<string> pattern = json.Json["layers_pattern"] is JsonValue value && value.TryGetValue(out string? one) ? one.Length > 0 ? [one] : [] : json.Has("layers_pattern") ? json.Texts("layers_pattern") : [];
        if (layers.Count > 0 && include?.Expression is not null && !include.IsAllLinear) throw json.Wrong("layers_to_transform", "null where target_modules is a regular expression, as PEFT has it");
        if (pattern.Count > 0 && layers.Count == 0) throw json.Wrong("layers_pattern", "null where layers_to_transform is null, as PEFT has it");
        foreach (var part in pattern) _ = LayerNumber(part, json.Path + ": layers_pattern");
        return new ModuleTargets(include, exclude, layers, pattern);
    }

    /// <summary>Whether a module gets an adapter.</summary>
    /// <param name="module">Its path.</param>
    /// <param name="isHead">Whether it is the language-model head, which <c>all-linear</c> leaves out.</param>
    internal bool Match(string module, bool isHead)
    {
        if (Exclude?.Match(module) == true || Include is null) return false;
        if (!(Include.IsAllLinear && !isHead) && !Include.Match(module)) return false;
        return Layers.Count == 0 || (NumberOf(module) is { } number && Layers.Contains(number));
    }

    private int? NumberOf(string module)
    {
        foreach (var pattern in LayersPattern.DefaultIfEmpty("[^.]*"))
        {
            var match = ModuleNames.Run(LayerNumber(pattern, "layers_pattern"), module);
            if (match.Success) return int.TryParse(match.Groups["number"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
        }
        return null;
    }

    internal static Regex LayerNumber(string pattern, string what) => ModuleNames.Compile(pattern, $@"^.*?\.(?:{pattern})\.(?<number>[0-9]+)\.", what);

    public override string ToString() => string.Join(", ", new[]
    {
        $"target_modules {Include}",
        Exclude is null ? null : $"exclude_modules {Exclude}",
        Layers.Count == 0 ? null : $"layers_to_transform [{string.Join(", ", Layers)}]",
        LayersPattern.Count == 0 ? null : $"layers_pattern [{string.Join(", ", LayersPattern)}]",
    }.OfType<string>());
}

/// <summary>Names of modules: a list of whole names or ends of names, or a regular expression for the whole name.</summary>
internal sealed record ModuleNames(IReadOnlyList<string> Names, Regex? Expression)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    /// <summary>Whether all linear layers are meant.</summary>
    internal bool IsAllLinear => Names.Contains(LoraOptions.AllLinear, StringComparer.OrdinalIgnoreCase);

    internal static ModuleNames Matching(string pattern, string what) => new([], Compile(pattern, $@"\A(?:{pattern})\z", what));

    internal static ModuleNames? Read(ConfigJson json, string key) => json.Json[key] switch
    {
        null or JsonArray { Count: 0 } => null,
        JsonValue value when value.TryGetValue(out string? text) =>
            text.Equals(LoraOptions.AllLinear, StringComparison.OrdinalIgnoreCase) ? new ModuleNames([LoraOptions.AllLinear], null) : Matching(text, $"{json.Path}: {key}"),
        JsonArray => new ModuleNames(json.Texts(key), null),
        _ => throw json.Wrong(key, "a list of names, a regular expression, or all-linear"),
    };

    internal bool Match(string module) => Expression is not null ? Run(Expression, module).Success
        : Names.Any(name => module == name || module.EndsWith('.' + name, StringComparison.Ordinal));

    /// <summary>A match within the time that there is for one.</summary>
    internal static Match Run(Regex expression, string module)
    {
        try
        {
            return expression.Match(module);
        }
        catch (RegexMatchTimeoutException e)
        {
            throw new InvalidDataException($"The regular expression {expression} takes more than {Limit.TotalSeconds} second on the module name {module}; simplify its repetitions.", e);
        }
    }

    /// <summary>A regular expression of Python's kind, without backtracking where .NET can (whether a name matches is the same either way), else with a time limit.</summary>
    /// <param name="pattern">As it was given; errors name it.</param>
    /// <param name="whole">The expression around it.</param>
    /// <param name="what">Where it stands.</param>
    internal static Regex Compile(string pattern, string whole, string what)
    {
        whole = whole.Replace("(?P<", "(?<", StringComparison.Ordinal); // Python's named groups
        try
        {
            try
            {
                return new Regex(whole, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, Limit);
            }
            catch (NotSupportedException)
            {
                return new Regex(whole, RegexOptions.CultureInvariant, Limit);
            }
        }
        catch (ArgumentException e)
        {
            throw new InvalidDataException($"{what} has the regular expression {pattern}, which cannot be read: {e.Message.ReplaceLineEndings(" ")}", e);
        }
    }

    public override string ToString() => Expression is null ? $"[{string.Join(", ", Names)}]" : $"'{Expression}'";
}
