using System.Text.Json.Nodes;

namespace MLNet.Dpo.DataViews;

/// <summary>
/// Turns a prompt and its responses into tokens, by the rules of TRL's DPOTrainer. With a chat template: the prompt is rendered with the generation prompt,
/// prompt + response without, and nothing is appended (the template writes the end of a turn). Without one: the eos text is appended to each response that does not
/// end with it, and prompt and prompt + response are encoded as they are, with special tokens. Either way the prompt ends where the encodings first differ.
/// Immutable, safe for use by several threads if the tokenizer is.
/// </summary>
internal sealed class PreferenceTokenizer
{
    private readonly ChatTokenizer _tokenizer;
    private readonly TemplateSettings _settings;

    /// <summary>A tokenizer with the settings' usual values.</summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="applyChatTemplate">Whether the tokenizer's chat template is applied; it must have one then.</param>
    internal PreferenceTokenizer(ChatTokenizer tokenizer, bool applyChatTemplate) : this(tokenizer, new TemplateSettings(applyChatTemplate))
    {
    }

    /// <summary>A tokenizer.</summary>
    /// <exception cref="ArgumentException">A chat template is to be applied, and there is none.</exception>
    /// <exception cref="InvalidDataException">There are several, and none that counts without being named.</exception>
    internal PreferenceTokenizer(ChatTokenizer tokenizer, TemplateSettings settings)
    {
        (_tokenizer, _settings) = (tokenizer, settings);
        if (settings.AppliesChatTemplate && tokenizer.ChatTemplate is null)
        {
            throw new ArgumentException(
                "ApplyChatTemplate is true, but the tokenizer has no chat template; give a folder with one (chat_template.jinja or tokenizer_config.json), or the option ChatTemplate, or leave ApplyChatTemplate out.");
        }
    }

    /// <summary>The tokens of a prompt and its responses, nothing cut.</summary>
    /// <param name="prompt">What is asked.</param>
    /// <param name="responses">
    /// What is answered. None: the tokens of the generation prompt alone, in which control tokens of the messages' own texts are ordinary text, but where the settings allow them.
    /// </param>
    /// <param name="tools">The tools that the chat template is given, a list or its JSON text; null for none.</param>
    /// <param name="templateVariables">Further variables of the chat template, which win over those of the settings; null for none.</param>
    /// <exception cref="ChatTemplateException">The template refuses the conversation.</exception>
    /// <exception cref="PreferenceDataException">Without a chat template: the prompt or a response is more than one turn of text.</exception>
    /// <exception cref="InvalidDataException">Without a chat template: the tokenizer names no eos token.</exception>
    internal TokenizedGroup Tokenize(ChatText prompt, IReadOnlyList<ChatText> responses, JsonNode? tools = null, JsonObject? templateVariables = null)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        ArgumentNullException.ThrowIfNull(responses);
        if (!_settings.AppliesChatTemplate)
        {
            var text = Plain(prompt, "user");
            return Group(_tokenizer.Encode(text, true), responses.Select(response => _tokenizer.Encode(text + WithEos(Plain(response, "assistant")), true)));
        }
        var options = Options(tools, templateVariables);
        JsonNode?[] messages = [.. prompt.AsMessages("user")];
        var template = _tokenizer.ChatTemplates.Find(options.Tools is not null)!;
        var asked = options with { AddGenerationPrompt = true };
        IReadOnlyList<int> Render(JsonNode?[] all, ChatTemplateOptions with) => _tokenizer.Encode(template.Render(all, with), false);
        return Group(
            responses.Count > 0 || _settings.AllowsControlTokens ? Render(messages, asked) : _tokenizer.Encode(template.RenderProtected(messages, asked, _tokenizer.ControlTokens)),
            responses.Select(response => Render([.. messages, .. response.AsMessages("assistant")], options)));
    }

    /// <summary>The weight of each prompt token, by those of the row's messages.</summary>
    /// <exception cref="PreferenceDataException">The template does not show which tokens are a message's.</exception>
    internal float[] PromptWeights(PreferenceRow row, int[] promptTokens)
    {
        if (!_settings.AppliesChatTemplate)
        {
            var weights = new float[promptTokens.Length];
            Array.Fill(weights, row.LossWeights[0]);
            return weights;
        }
        var options = Options(row.Tools, row.Arguments);
        return new TurnWeights(_tokenizer, _tokenizer.ChatTemplates.Find(options.Tools is not null)!).Of([.. row.Prompt.AsMessages("user")], row.LossWeights, promptTokens, options);
    }

    /// <summary>The text of messages of a row, without a generation prompt; a chat template must be applied.</summary>
    /// <exception cref="ChatTemplateException">The template refuses them.</exception>
    internal string Render(IReadOnlyList<JsonNode?> messages, PreferenceRow row)
    {
        var options = Options(row.Tools, row.Arguments);
        return _tokenizer.ChatTemplates.Find(options.Tools is not null)!.Render(messages, options);
    }

    private ChatTemplateOptions Options(JsonNode? tools, JsonObject? variables) => new() { SpecialTokens = _tokenizer.SpecialTokens, Tools = Parsed(tools), Variables = Variables(variables) };

    private JsonObject Variables(JsonObject? own)
    {
        if (own is null || own.Count == 0) return _settings.Arguments;
        if (_settings.Arguments.Count == 0) return own;
        var all = _settings.Arguments.DeepClone().AsObject();
        foreach (var (name, value) in own) all[name] = value?.DeepClone();
        return all;
    }

    /// <summary>Cuts prompt and full encodings at the shortest of their common beginnings.</summary>
    private static TokenizedGroup Group(IReadOnlyList<int> prompt, IEnumerable<IReadOnlyList<int>> fulls)
    {
        int[][] all = [.. fulls.Select(full => full.ToArray())];
        int[] alone = [.. prompt];
        var length = all.Length == 0 ? alone.Length : all.Min(full => full.AsSpan().CommonPrefixLength(alone));
        return new TokenizedGroup(alone[..length], [.. all.Select(full => full[length..])]) { PromptIsPrefix = length == alone.Length };
    }

    private static string Plain(ChatText text, string role) => text.AsText(role)
        ?? throw new PreferenceDataException($"The row has messages that are more than one {role}'s text, but no chat template is applied; give a model folder with one, or rows of plain text.");

    private string WithEos(string response)
    {
        var eos = _tokenizer.EosToken is { Length: > 0 } named
            ? named
            : throw new InvalidDataException("The tokenizer names no eos token, which ends a plain text response; set eos_token in tokenizer_config.json (or special_tokens_map.json), or in the option SpecialTokens.");
        return response.EndsWith(eos, StringComparison.Ordinal) ? response : response + eos;
    }

    private static JsonNode? Parsed(JsonNode? tools) => tools is JsonValue value && value.TryGetValue(out string? text) ? JsonNode.Parse(text) : tools;
}
