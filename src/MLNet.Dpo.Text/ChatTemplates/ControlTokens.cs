using System.Buffers;
using System.Text.Json.Nodes;
using MLNet.Dpo.Text.ChatTemplates.Jinja;

namespace MLNet.Dpo.Text.ChatTemplates;

/// <summary>A tokenizer's special tokens as they stand in texts, and how those in a conversation's own texts are told from those that a template writes.</summary>
internal sealed class ControlTokens
{
    private readonly string[] _all;
    private readonly SearchValues<string> _texts;
    private readonly SearchValues<char> _marked;
    private readonly string[] _unmarkable;

    public ControlTokens(IEnumerable<string> texts)
    {
        _all = [.. texts.Where(text => text.Length > 0)];
        _texts = SearchValues.Create(_all, StringComparison.Ordinal);
        _marked = SearchValues.Create([.. _all.SelectMany(MarkedOf).Distinct()]);
        _unmarkable = [.. _all.Where(text => MarkedOf(text).Length == 0)];
    }

    /// <summary>Whether a text holds one.</summary>
    public bool AreIn(string text) => text.AsSpan().ContainsAny(_texts);

    /// <summary>Whether a message's own texts hold one.</summary>
    public bool AreIn(JsonNode? node) => Texts(node).Any(AreIn);

    /// <summary>Whether texts of messages could make one, whole or with other texts.</summary>
    public bool MayComeFrom(JsonArray messages) => messages.SelectMany(Said).Any(text => text.AsSpan().ContainsAny(_marked) || _unmarkable.Any(text.Contains));

    /// <summary>A copy of messages whose own texts are marked: everything but the roles.</summary>
    public JsonArray Mark(JsonArray messages)
    {
        if (messages.SelectMany(Said).Any(ContentMarks.AnyIn))
            throw new ChatTemplateException("A message has a noncharacter (U+FDD0 to U+FDEF), which no text has; remove it.");
        return [.. messages.Select(message => message is JsonObject entries ? new JsonObject(entries.Select(entry => KeyValuePair.Create(entry.Key, MarkOwn(entry.Key, entry.Value)))) : Mark(message))];
    }

    /// <summary>Which characters of a rendering belong to control tokens of the messages' own texts.</summary>
    /// <param name="marked">The rendering of marked messages.</param>
    /// <param name="plain">The same without marks.</param>
    /// <param name="messages">The messages without marks.</param>
    public bool[] FromContent(string marked, string plain, JsonArray messages)
    {
        bool[] content = [.. marked.Select(ContentMarks.IsMark)];
        // Letters alone cannot be marked: such a token is nobody's where a message holds it.
        foreach (string token in _unmarkable.Where(token => messages.SelectMany(Said).Any(text => text.Contains(token, StringComparison.Ordinal))))
        {
            for (int at = plain.IndexOf(token, StringComparison.Ordinal); at >= 0; at = plain.IndexOf(token, at + token.Length, StringComparison.Ordinal))
                content.AsSpan(at, token.Length).Fill(true);
        }
        return content;
    }

    /// <summary>The text of a chat in pieces that join to it, cut within the control tokens of the messages' own texts: for tokenizers that cannot be told where these are.</summary>
    public IEnumerable<string> Apart(RenderedChat chat)
    {
        int done = 0;
        for (int at = 0; chat.FromContent is { } content && chat.Text.AsSpan(at).IndexOfAny(_texts) is var skip and >= 0; at++)
        {
            at += skip;
            int length = _all.Where(token => string.CompareOrdinal(chat.Text, at, token, 0, token.Length) == 0).Max(token => token.Length);
            if (!content.AsSpan(at, length).Contains(true))
                continue;
            yield return chat.Text[done..(at + 1)];
            done = at + 1;
        }
        yield return chat.Text[done..];
    }

    /// <summary>A message's texts but the role.</summary>
    private static IEnumerable<string> Said(JsonNode? message) => message is JsonObject entries
        ? entries.Where(entry => entry.Key != "role").SelectMany(entry => Texts(entry.Value))
        : Texts(message);

    private static IEnumerable<string> Texts(JsonNode? node) => node switch
    {
        JsonArray items => items.SelectMany(Texts),
        JsonObject entries => entries.SelectMany(entry => Texts(entry.Value).Prepend(entry.Key)),
        JsonValue value when value.TryGetValue(out string? text) => [text],
        _ => [],
    };

    private JsonNode? MarkOwn(string key, JsonNode? value) => key == "role" ? value?.DeepClone() : Mark(value);

    private JsonNode? Mark(JsonNode? node) => node switch
    {
        JsonArray items => new JsonArray([.. items.Select(Mark)]),
        JsonObject entries => new JsonObject(entries.Select(entry => KeyValuePair.Create(Mark(entry.Key), Mark(entry.Value)))),
        JsonValue value when value.TryGetValue(out string? text) => JsonValue.Create(Mark(text)),
        _ => node?.DeepClone(),
    };

    private string Mark(string text) => text.AsSpan().ContainsAny(_marked)
        ? string.Create(text.Length, text, (marked, plain) =>
        {
            for (int i = 0; i < plain.Length; i++)
                marked[i] = _marked.Contains(plain[i]) ? ContentMarks.Mark(plain[i]) : plain[i];
        })
        : text;

    /// <summary>The characters that make a token another text when they are marked: those at its ends, else any.</summary>
    private static char[] MarkedOf(string token)
    {
        char[] ends = [.. new[] { token[0], token[^1] }.Where(IsMarkable)];
        return ends.Length > 0 ? ends : [.. token.Where(IsMarkable)];
    }

    private static bool IsMarkable(char c) => ContentMarks.Markable.Contains(c, StringComparison.Ordinal);
}
