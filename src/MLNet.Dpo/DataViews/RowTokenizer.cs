using System.Text.Json.Nodes;

namespace MLNet.Dpo.DataViews;

/// <summary>
/// Tokenizes rows as <see cref="PreferenceTokenizer"/> does, and sees that the texts are what it takes them for: no template is put over a template, none leaves out a tool call,
/// and a text that begins with the begin token has one.
/// </summary>
internal sealed class RowTokenizer(PreferenceTokenizer tokenizer, ChatTokenizer parts, bool appliesChatTemplate)
{
    private readonly TemplateMarks? _marks = appliesChatTemplate ? TemplateMarks.Of(parts) : null;
    private readonly string? _begin = appliesChatTemplate ? null : BeginThatIsAdded(parts);

    /// <summary>The tokens of a row.</summary>
    /// <exception cref="PreferenceDataException">The row cannot be rendered as it is; the message says where it stands.</exception>
    public TokenizedGroup Tokenize(PreferenceRow row)
    {
        try
        {
            if (_marks is not null && row.Responses.Count > 0) CheckUntemplated(row, _marks);
            var prompt = _begin is not null && row.Prompt.Text is { } text && text.StartsWith(_begin, StringComparison.Ordinal) ? ChatText.Of(text[_begin.Length..]) : row.Prompt;
            var group = tokenizer.Tokenize(prompt, row.Responses);
            if (appliesChatTemplate) CheckToolCalls(row, group);
            return group;
        }
        catch (ChatTemplateException e)
        {
            throw new PreferenceDataException($"{row.Place}: the chat template refuses the row: {e.Message.ReplaceLineEndings(" ")}", e);
        }
        catch (PreferenceDataException e) when (!e.Message.StartsWith(row.Place, StringComparison.Ordinal))
        {
            throw new PreferenceDataException($"{row.Place}: {e.Message}", e);
        }
    }

    private static void CheckUntemplated(PreferenceRow row, TemplateMarks marks)
    {
        var what = marks.IsTemplatedPrompt(row.Prompt) ? "the prompt" : row.Responses.Any(marks.IsTemplatedResponse) ? "a response" : null;
        if (what is not null)
        {
            throw new PreferenceDataException(
                $"{row.Place}: {what} already carries the chat template's control tokens, and the template would be put over them; give the plain texts, or set ApplyChatTemplate to false to take them as they are");
        }
    }

    /// <summary>A call that the template leaves out changes no token.</summary>
    private void CheckToolCalls(PreferenceRow row, TokenizedGroup group)
    {
        if (WithoutCalls(row.Prompt) is { } prompt && Same(prompt, row.Responses, group)) throw LeftOut(row, "the prompt");
        for (var i = 0; i < row.Responses.Count; i++)
        {
            if (WithoutCalls(row.Responses[i]) is { } response && Same(row.Prompt, [.. row.Responses.Select((other, j) => j == i ? response : other)], group))
                throw LeftOut(row, $"response {i + 1}");
        }
    }

    private bool Same(ChatText prompt, IReadOnlyList<ChatText> responses, TokenizedGroup group)
    {
        try
        {
            var other = tokenizer.Tokenize(prompt, responses);
            return other.PromptTokens.AsSpan().SequenceEqual(group.PromptTokens) && other.ResponseTokens.Zip(group.ResponseTokens).All(pair => pair.First.AsSpan().SequenceEqual(pair.Second));
        }
        catch (ChatTemplateException)
        {
            // It wants the calls, then.
            return false;
        }
    }

    private static PreferenceDataException LeftOut(PreferenceRow row, string what) => new(
        $"{row.Place}: the chat template leaves out the tool calls of {what}; give a model folder whose template writes them, or write the call as the content");

    private static ChatText? WithoutCalls(ChatText text)
    {
        if (text.Messages is not { } messages || !messages.Any(message => message?["tool_calls"] is JsonArray { Count: > 0 })) return null;
        var copy = messages.DeepClone().AsArray();
        foreach (var message in copy.OfType<JsonObject>()) message.Remove("tool_calls");
        return ChatText.Of(copy);
    }

    private static string? BeginThatIsAdded(ChatTokenizer parts)
    {
        if (parts.SpecialTokens.GetValueOrDefault("bos_token") is not { Length: > 0 } begin) return null;
        return parts.Encode("", true) is [var added, ..] && parts.Encode(begin, false) is [var id] && id == added ? begin : null;
    }
}
