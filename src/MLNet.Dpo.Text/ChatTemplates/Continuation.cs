using System.Text.Json.Nodes;
using MLNet.Dpo.Text.ChatTemplates.Jinja;

namespace MLNet.Dpo.Text.ChatTemplates;

/// <summary>
/// Leaves the final message open, as transformers does: a tag is put behind its text before rendering, and the result is cut there.
/// </summary>
internal sealed class Continuation
{
    private const string Tag = "CONTINUE_FINAL_MESSAGE_TAG ";
    private readonly string _finalText;

    private Continuation(string finalText) => _finalText = finalText;

    /// <summary>Puts the tag into the final message of <paramref name="messages"/>.</summary>
    public static Continuation Begin(JsonArray messages, ChatTemplateOptions options, string source)
    {
        string key = options.ContinueFinalMessage!;
        if (options.AddGenerationPrompt)
            throw new ChatTemplateException("ContinueFinalMessage and AddGenerationPrompt are both set; a message is either continued or begun.");
        if (key != "content" && !source.Contains(key, StringComparison.Ordinal))
            throw new ChatTemplateException($"The chat template does not read \"{key}\", so a message cannot be continued there.");
        if (messages[^1] is not JsonObject final || final[key] is not { } value)
            throw new ChatTemplateException($"The final message has no \"{key}\" to continue.");

        if (value is JsonArray blocks)
        {
            var block = blocks.OfType<JsonObject>().LastOrDefault(block => block["text"] is JsonValue)
                ?? throw new ChatTemplateException("The final message has no block with a text to continue.");
            return Append(block, "text");
        }
        return value is JsonValue text && text.TryGetValue(out string? _)
            ? Append(final, key)
            : throw new ChatTemplateException($"The final message's \"{key}\" is not a text to continue.");
    }

    /// <summary>Cuts a rendering where the final message's text ends.</summary>
    public RenderedChat Cut(RenderedChat rendered)
    {
        string text = rendered.Text;
        int at = text.LastIndexOf(Tag.TrimEnd(), StringComparison.Ordinal);
        if (at < 0 || TextSearch.IndexOf(text, PythonText.Trim(_finalText)) < 0)
            throw new ChatTemplateException("The final message is not in the rendered chat, so it cannot be continued.");
        bool keepsBlank = string.CompareOrdinal(text, at, Tag, 0, Tag.Length) == 0;
        string cut = keepsBlank ? text[..at] : PythonText.TrimEnd(text[..at]);
        var spans = rendered.GenerationSpans
            .Select(span => Math.Min(span.Start.Value, cut.Length)..Math.Min(span.End.Value, cut.Length))
            .Where(span => span.End.Value > span.Start.Value);
        return new RenderedChat(cut, [.. spans]);
    }

    private static Continuation Append(JsonObject holder, string key)
    {
        string text = holder[key]!.GetValue<string>();
        holder[key] = text + Tag;
        return new Continuation(text);
    }
}
