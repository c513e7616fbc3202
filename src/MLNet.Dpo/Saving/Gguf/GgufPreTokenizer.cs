using System.Text.Json.Nodes;

namespace MLNet.Dpo.Saving.Gguf;

/// <summary>How byte-level tokenizers split a text, under the names that llama.cpp has for it (<c>tokenizer.ggml.pre</c>).</summary>
/// <param name="Name">The name that is written.</param>
/// <param name="Aliases">Other names for the same.</param>
/// <param name="Pattern">The regular expression of a Split; null: ByteLevel's own.</param>
/// <param name="Digits">Whether digits are split off one by one first.</param>
/// <param name="IgnoreMerges">Whether a word that is a token is taken whole.</param>
/// <param name="Composes">Whether the tokenizers that it stands for compose the text (NFC).</param>
internal sealed record GgufPreTokenizer(string Name, string[] Aliases, string? Pattern, bool Digits = false, bool IgnoreMerges = false, bool Composes = false)
{
    private const string Tail = @" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
    private const string SlashTail = @" ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";
    private const string Contractions = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
    private const string Lower = @"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+";
    private const string Upper = @"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*";
    private const string Llama3 = Contractions + @"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}|" + Tail;
    private const string Qwen2 = Contractions + @"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}|" + Tail;

    /// <summary>All that are known; of two that split alike, the first is written.</summary>
    internal static IReadOnlyList<GgufPreTokenizer> All { get; } =
    [
        new("gpt-2", ["phi-2", "jina-es", "jina-de", "gigachat", "jina-v2-es", "jina-v2-de", "a.x-4.0", "mellum", "modern-bert", "mpt", "olmo", "jais"], null),
        new("llama-bpe", ["llama3", "llama-v3", "falcon3", "falcon-h1", "pixtral", "midm-2.0", "lfm2"], Llama3, IgnoreMerges: true),
        new("dbrx", ["smaug-bpe", "chatglm-bpe", "glm4"], Llama3),
        new("qwen2", ["deepseek-r1-qwen", "kormo", "megrez"], Qwen2, Composes: true),
        new("stablelm2", ["hunyuan"], Qwen2),
        new("smollm", ["starcoder", "refact", "command-r", "codeshell", "exaone", "minerva-7b"], null, Digits: true),
        new("tekken", [], Lower + "|" + Upper + @"|\p{N}|" + SlashTail, IgnoreMerges: true),
        new("gpt-4o", ["llama4"], Lower + Contractions + "?|" + Upper + Contractions + @"?|\p{N}{1,3}|" + SlashTail),
    ];

    /// <summary>The one of a name; null where it is not known.</summary>
    internal static GgufPreTokenizer? Named(string name) => All.FirstOrDefault(known => known.Name == name || known.Aliases.Contains(name));

    /// <summary>The one that does what a tokenizer.json says; null where there is none.</summary>
    internal static GgufPreTokenizer? Of(JsonNode? preTokenizer, bool ignoreMerges, bool composes)
    {
        var steps = preTokenizer?["type"]?.GetValue<string>() == "Sequence" ? preTokenizer["pretokenizers"]!.AsArray().Select(step => step!).ToList() : preTokenizer is null ? [] : [preTokenizer];
        if (steps.Count == 0 || !IsByteLevel(steps[^1], out var usesRegex)) return null;
        string? pattern = null;
        var digits = false;
        if (steps.Count == 2 && steps[0]["type"]!.GetValue<string>() == "Digits" && usesRegex) digits = steps[0]["individual_digits"]?.GetValue<bool>() == true;
        else if (steps.Count == 2 && steps[0]["type"]!.GetValue<string>() == "Split" && !usesRegex) pattern = PatternOf(steps[0]);
        else if (steps.Count != 1 || !usesRegex) return null;
        if (steps.Count == 2 && pattern is null && !digits) return null;
        return All.Where(known => known.Pattern == pattern && known.Digits == digits && known.IgnoreMerges == ignoreMerges).OrderBy(known => known.Composes != composes).FirstOrDefault();
    }

    /// <summary>The pre-tokenizer of a tokenizer.json that does this.</summary>
    internal JsonObject ToJson()
    {
        var last = new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = false, ["trim_offsets"] = true, ["use_regex"] = Pattern is null };
        var first = Digits ? new JsonObject { ["type"] = "Digits", ["individual_digits"] = true }
            : Pattern is null ? null
            : new JsonObject { ["type"] = "Split", ["pattern"] = new JsonObject { ["Regex"] = Pattern }, ["behavior"] = "Isolated", ["invert"] = false };
        return first is null ? last : new JsonObject { ["type"] = "Sequence", ["pretokenizers"] = new JsonArray(first, last) };
    }

    private static bool IsByteLevel(JsonNode step, out bool usesRegex)
    {
        usesRegex = step["use_regex"]?.GetValue<bool>() ?? true;
        return step["type"]?.GetValue<string>() == "ByteLevel" && step["add_prefix_space"]?.GetValue<bool>() == false;
    }

    private static string? PatternOf(JsonNode split) =>
        split["behavior"]?.GetValue<string>() == "Isolated" && split["invert"]?.GetValue<bool>() != true ? split["pattern"]?["Regex"]?.GetValue<string>() : null;
}
