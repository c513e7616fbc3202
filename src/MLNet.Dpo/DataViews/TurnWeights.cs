using System.Text.Json.Nodes;
using MLNet.Dpo.Text.ChatTemplates;

namespace MLNet.Dpo.DataViews;

/// <summary>
/// Which of a prompt's tokens each message says, so that a message's weight in the language-model loss becomes its tokens'. A message's tokens are its content and the token that ends
/// its turn; headers and line breaks between turns are nobody's.
/// </summary>
internal sealed class TurnWeights(ChatTokenizer tokenizer, ChatTemplate template)
{
    /// <summary>The weight of each prompt token.</summary>
    /// <param name="messages">The prompt's messages.</param>
    /// <param name="weights">The weight of each message.</param>
    /// <param name="promptTokens">The prompt's tokens: the beginning of the rendered prompt's.</param>
    /// <param name="options">How the prompt was rendered.</param>
    /// <exception cref="PreferenceDataException">The template rewrites a message of a weight above 0 when others follow, or does not show it.</exception>
    internal float[] Of(IReadOnlyList<JsonNode?> messages, IReadOnlyList<float> weights, int[] promptTokens, ChatTemplateOptions options)
    {
        var prompt = template.RenderWithSpans(messages, options with { AddGenerationPrompt = true });
        var said = Marked(messages, prompt);
        var result = new float[promptTokens.Length];
        for (var i = 0; i < messages.Count; i++)
        {
            if (weights[i] == 0) continue;
            var tokens = said?[i] is { } marked ? Tokens(prompt.Text, marked, promptTokens) : WithoutTail(promptTokens, Tokens(prompt.Text, Rendered(messages, i, prompt.Text, options), promptTokens));
            result.AsSpan(tokens).Fill(weights[i]);
        }
        return result;
    }

    /// <summary>What the assistant says, where the template marks it; null where it does not, or not each of its turns.</summary>
    private static Range?[]? Marked(IReadOnlyList<JsonNode?> messages, RenderedChat prompt)
    {
        var next = 0;
        Range?[] spans = [.. messages.Select(message => RoleOf(message) == "assistant" && next < prompt.GenerationSpans.Count ? prompt.GenerationSpans[next++] : (Range?)null)];
        return prompt.GenerationSpans.Count > 0 && next == prompt.GenerationSpans.Count && next == messages.Count(message => RoleOf(message) == "assistant") ? spans : null;
    }

    /// <summary>Where a message stands: after the conversation before it is rendered, to where the one with it ends.</summary>
    private Range Rendered(IReadOnlyList<JsonNode?> messages, int index, string prompt, ChatTemplateOptions options)
    {
        var end = Length(index + 1, options);
        var begin = index == 0 ? 0 : Length(index, options);
        if (RoleOf(messages[index]) == "assistant" && index > 0)
        {
            var opened = template.Render(messages.Take(index), options with { AddGenerationPrompt = true });
            if (prompt.StartsWith(opened, StringComparison.Ordinal) && opened.Length >= begin && opened.Length <= end) return opened.Length..end;
        }
        var content = messages[index]?["content"] is JsonValue value && value.TryGetValue(out string? text) ? text.Trim() : "";
        var at = content.Length == 0 ? -1 : prompt.IndexOf(content, begin, end - begin, StringComparison.Ordinal);
        return at >= 0 ? at..end : throw Refused(index, "does not show the content of");

        int Length(int count, ChatTemplateOptions given)
        {
            var beginning = template.Render(messages.Take(count), given);
            return prompt.StartsWith(beginning, StringComparison.Ordinal) ? beginning.Length : throw Refused(index, "rewrites, when others follow,");
        }
    }

    /// <summary>The tokens of a part of the prompt: from the one that holds its first character to the last that ends with it.</summary>
    private Range Tokens(string prompt, Range part, int[] promptTokens)
    {
        var start = Before(part.Start.Value);
        return start..Math.Max(start, Before(part.End.Value));

        int Before(int characters) => tokenizer.Encode(prompt[..characters], addSpecialTokens: false).ToArray().AsSpan().CommonPrefixLength(promptTokens);
    }

    /// <summary>What follows the token that ends the turn is the template's.</summary>
    private Range WithoutTail(int[] promptTokens, Range tokens)
    {
        var last = Array.FindLastIndex(promptTokens[tokens], tokenizer.IsSpecial);
        return last < 0 ? tokens : tokens.Start..(tokens.Start.Value + last + 1);
    }

    private static string? RoleOf(JsonNode? message) => message?["role"] is JsonValue value && value.TryGetValue(out string? role) ? role : null;

    private static PreferenceDataException Refused(int index, string what) => new(
        $"the chat template {what} message {index + 1}, whose loss weight is above 0, so its tokens cannot be told; give the message the weight 0, or a template that marks what the assistant says with {{% generation %}}");
}
