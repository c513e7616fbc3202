using System.Text.Json;
using MLNet.Dpo.Text.Tokenization;

namespace MLNet.Dpo.Text;

/// <summary>What tokenizer_config.json says: the special tokens by role, and the chat template of older folders.</summary>
internal sealed record TokenizerConfig(IReadOnlyDictionary<string, string> SpecialTokens, string? ChatTemplate)
{
    private static readonly string[] Roles = ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"];

    public string? BosToken => SpecialTokens.GetValueOrDefault("bos_token");

    public string? EosToken => SpecialTokens.GetValueOrDefault("eos_token");

    public string? PadToken => SpecialTokens.GetValueOrDefault("pad_token");

    public string? UnknownToken => SpecialTokens.GetValueOrDefault("unk_token");

    public static TokenizerConfig Read(byte[]? json)
    {
        return json is null ? new TokenizerConfig(new Dictionary<string, string>(), null) : JsonReading.ReadFile(json, "tokenizer_config.json", Read);
    }

    private static TokenizerConfig Read(JsonElement config)
    {
        if (config.ValueKind != JsonValueKind.Object)
            throw new InvalidDataException("tokenizer_config.json: the top level is not a JSON object.");
        var tokens = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string role in Roles)
        {
            if (config.Optional(role) is { } token)
                tokens[role] = TextOf(role, token);
        }
        return new TokenizerConfig(tokens, ReadTemplate(config));
    }

    private static string TextOf(string role, JsonElement token)
    {
        var text = token.ValueKind == JsonValueKind.Object ? token.Optional("content") : token;
        return text is { ValueKind: JsonValueKind.String } content
            ? content.GetString()!
            : throw new InvalidDataException($"tokenizer_config.json: {role} is {token.Raw()}; expected a string or an object with \"content\".");
    }

    /// <summary>A string, or a list of named templates of which the one called "default" counts.</summary>
    private static string? ReadTemplate(JsonElement config)
    {
        if (config.Optional("chat_template") is not { } template)
            return null;
        if (template.ValueKind == JsonValueKind.String)
            return template.GetString();
        if (template.ValueKind != JsonValueKind.Array)
            throw new InvalidDataException("tokenizer_config.json: chat_template must be a string or a list of {\"name\", \"template\"}.");
        return template.EnumerateArray().Where(entry => entry.OptionalString("name") == "default").Select(entry => entry.OptionalString("template")).FirstOrDefault();
    }
}
