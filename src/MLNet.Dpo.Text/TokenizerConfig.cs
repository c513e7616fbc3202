using System.Text.Json;
using MLNet.Dpo.Text.ChatTemplates;
using MLNet.Dpo.Text.Tokenization;

namespace MLNet.Dpo.Text;

/// <summary>What tokenizer_config.json says, with special_tokens_map.json beside it: the special tokens by role, and the chat templates of older folders by name.</summary>
internal sealed record TokenizerConfig(IReadOnlyDictionary<string, string> SpecialTokens, IReadOnlyDictionary<string, string> ChatTemplates)
{
    internal const string File = "tokenizer_config.json";
    private const string MapFile = "special_tokens_map.json";
    private static readonly string[] Roles = ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"];

    public string? BosToken => SpecialTokens.GetValueOrDefault("bos_token");

    public string? EosToken => SpecialTokens.GetValueOrDefault("eos_token");

    public string? PadToken => SpecialTokens.GetValueOrDefault("pad_token");

    public string? UnknownToken => SpecialTokens.GetValueOrDefault("unk_token");

    /// <summary>Reads the files; null for one that is not there.</summary>
    public static TokenizerConfig Read(byte[]? json, byte[]? specialTokensMap = null)
    {
        var config = json is null ? new Content([], new Dictionary<string, string>(), false) : JsonReading.ReadFile(json, File, ReadConfig);
        var tokens = config.Tokens;
        // As transformers has it: the map replaces what an older config says; one that lists its added tokens has the last word itself.
        foreach (var (role, token) in specialTokensMap is null ? [] : JsonReading.ReadFile(specialTokensMap, MapFile, map => Tokens(map, MapFile)))
        {
            if (!config.ListsAddedTokens || !tokens.ContainsKey(role))
                tokens[role] = token;
        }
        return new TokenizerConfig(tokens, config.Templates);
    }

    private static Content ReadConfig(JsonElement config) => new(Tokens(config, File), ReadTemplates(config), config.Optional("added_tokens_decoder") is not null);

    private static Dictionary<string, string> Tokens(JsonElement json, string file)
    {
        if (json.ValueKind != JsonValueKind.Object)
            throw new InvalidDataException($"{file}: the top level is not a JSON object.");
        var tokens = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string role in Roles)
        {
            if (json.Optional(role) is { } token)
                tokens[role] = TextOf(role, token, file);
        }
        return tokens;
    }

    private static string TextOf(string role, JsonElement token, string file)
    {
        var text = token.ValueKind == JsonValueKind.Object ? token.Optional("content") : token;
        return text is { ValueKind: JsonValueKind.String } content
            ? content.GetString()!
            : throw new InvalidDataException($"{file}: {role} is {token.Raw()}; expected a string or an object with \"content\".");
    }

    /// <summary>A string, or a list of named templates.</summary>
    private static Dictionary<string, string> ReadTemplates(JsonElement config)
    {
        var templates = new Dictionary<string, string>(StringComparer.Ordinal);
        if (config.Optional("chat_template") is not { } template)
            return templates;
        if (template.ValueKind == JsonValueKind.String)
            templates[ChatTemplateSet.Default] = template.GetString()!;
        else if (template.ValueKind != JsonValueKind.Array)
            throw new InvalidDataException($"{File}: chat_template must be a string or a list of {{\"name\", \"template\"}}.");
        else
        {
            foreach (var entry in template.EnumerateArray())
            {
                if (entry.Optional("name") is not { ValueKind: JsonValueKind.String } name || entry.Optional("template") is not { ValueKind: JsonValueKind.String } source)
                    throw new InvalidDataException($"{File}: chat_template has the entry {entry.Raw()}; expected {{\"name\": \"...\", \"template\": \"...\"}}.");
                templates[name.GetString()!] = source.GetString()!;
            }
        }
        return templates;
    }

    private sealed record Content(Dictionary<string, string> Tokens, IReadOnlyDictionary<string, string> Templates, bool ListsAddedTokens);
}
