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
        var tokens = new Dictionary<string, string>(StringComparer.Ordinal);
        if (json is null)
            return new TokenizerConfig(tokens, null);
        try
        {
            using var document = JsonDocument.Parse(json.AsMemory(json.AsSpan().StartsWith("\uFEFF"u8) ? 3 : 0));
            foreach (string role in Roles)
            {
                if (document.RootElement.Optional(role) is { } token)
                    tokens[role] = TextOf(role, token);
            }
            return new TokenizerConfig(tokens, ReadTemplate(document.RootElement));
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"tokenizer_config.json is not valid JSON at line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}: {e.Message}", e);
        }
    }

    private static string TextOf(string role, JsonElement token)
    {
        var text = token.ValueKind == JsonValueKind.Object ? token.Optional("content") : token;
        return text is { ValueKind: JsonValueKind.String } content
            ? content.GetString()!
            : throw new InvalidDataException($"tokenizer_config.json: {role} is {token.GetRawText()}; expected a string or an object with \"content\".");
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
