using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using MLNet.Dpo.Data;

namespace MLNet.Dpo.DataViews;

/// <summary>
/// Tokenizes rows as <see cref="PreferenceTokenizer"/> does, and sees that the texts are what it takes them for: no template is put over a template, none leaves out tools, a tool call or a role,
/// turns that are trained end, and a text that begins with the begin token has one.
/// </summary>
internal sealed class RowTokenizer(PreferenceTokenizer tokenizer, ChatTokenizer parts, bool appliesChatTemplate)
{
    private readonly TemplateMarks? _marks = appliesChatTemplate ? TemplateMarks.Of(parts) : null;
    private readonly ConcurrentDictionary<string, bool> _writtenRoles = new(StringComparer.Ordinal);
    private readonly string? _begin = appliesChatTemplate ? null : BeginThatIsAdded(parts);

    private readonly LeftOutKeys _leftOut = new(appliesChatTemplate ? tokenizer.Render : null);

    /// <summary>The keys of the row's messages that carry something which the tokens lack.</summary>
    public IReadOnlyCollection<string> LeftOutKeys(PreferenceRow row) => Placed(row, () => _leftOut.Of(row));

    /// <summary>The tokens of a row.</summary>
    /// <exception cref="PreferenceDataException">The row cannot be rendered as it is; the message says where it stands.</exception>
    public TokenizedGroup Tokenize(PreferenceRow row) => Placed(row, () => Checked(row));

    /// <summary>The weight of each prompt token in the language-model loss, by those of the row's messages; empty where it has none.</summary>
    /// <param name="row">The row.</param>
    /// <param name="group">Its tokens.</param>
    /// <exception cref="PreferenceDataException">There is not one weight from 0 to 1 for each message, or the chat template does not show which tokens are a message's.</exception>
    public float[] PromptWeights(PreferenceRow row, TokenizedGroup group) => Placed(row, () =>
    {
        var messages = row.Prompt.AsMessages("user").Count();
        if (row.LossWeights.Count != 0 && (row.LossWeights.Count != messages || row.LossWeights.Any(weight => weight is not (>= 0 and <= 1))))
        {
            throw new PreferenceDataException(
                $"{row.Place}: {ColumnNames.LossWeights} is [{string.Join(", ", row.LossWeights.Select(w => w.ToString(CultureInfo.InvariantCulture)))}]; give a number from 0 to 1 for each of the prompt's {messages} messages, or none");
        }
        return row.LossWeights.Any(weight => weight > 0) ? tokenizer.PromptWeights(row, group.PromptTokens) : [];
    });

    private static T Placed<T>(PreferenceRow row, Func<T> work)
    {
        try
        {
            return work();
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

    /// <summary>The same, for a row that stands nowhere: what the chat template says is left as it is.</summary>
    /// <exception cref="ChatTemplateException">The chat template refuses the row.</exception>
    /// <exception cref="PreferenceDataException">It leaves out what the row has.</exception>
    public TokenizedGroup Checked(PreferenceRow row)
    {
        if (_marks is not null && row.Responses.Count > 0) CheckUntemplated(row, _marks);
        if (row.Responses.Count > 0) CheckEnd(row);
        var prompt = _begin is not null && row.Prompt.Text is { } text && text.StartsWith(_begin, StringComparison.Ordinal) ? ChatText.Of(text[_begin.Length..]) : row.Prompt;
        var group = tokenizer.Tokenize(prompt, row.Responses, row.Tools, row.Arguments);
        if (row.Tools is not null) CheckTools(row, group);
        if (appliesChatTemplate)
        {
            if (row.Responses.Count > 0) CheckRoles(row, group);
            CheckToolCalls(row, group);
        }
        return group;
    }

    private static void CheckUntemplated(PreferenceRow row, TemplateMarks marks)
    {
        if (row.Prompt.Text is { } asked && OpenTranscript.Is(asked))
        {
            throw new PreferenceDataException(
                $"{row.Place}: the prompt is a transcript that ends where the assistant is to speak, and the chat template would be put over it; give its turns as messages, or set ApplyChatTemplate to false to take it as it is");
        }
        var what = marks.IsTemplatedPrompt(row.Prompt) ? "the prompt" : row.Responses.Any(marks.IsTemplatedResponse) ? "a response" : null;
        if (what is not null)
        {
            throw new PreferenceDataException(
                $"{row.Place}: {what} already carries the chat template's control tokens, and the template would be put over them; give the plain texts, or set ApplyChatTemplate to false to take them as they are");
        }
    }

    /// <summary>An end token that is an empty text ends nothing: what is trained on it never stops.</summary>
    private void CheckEnd(PreferenceRow row)
    {
        if (appliesChatTemplate && parts.EosToken is { Length: 0 } && parts.ChatTemplates.Find(row.Tools is not null)!.Source.Contains("eos_token", StringComparison.Ordinal))
            throw new PreferenceDataException($"{row.Place}: the chat template ends turns with eos_token, which is an empty text in tokenizer_config.json, so that answers would have no end; name the model's end token there");
    }

    /// <summary>Tools that the template leaves out change no token of the prompt.</summary>
    private void CheckTools(PreferenceRow row, TokenizedGroup group)
    {
        if (!appliesChatTemplate)
            throw new PreferenceDataException($"{row.Place}: the row has tools, but no chat template is applied, which would write them; give a model folder with one, or rows without tools");
        if (Same(row with { Tools = null }, group))
            throw new PreferenceDataException($"{row.Place}: the chat template leaves out the tools; give a model folder whose template writes them, or rows without tools");
    }

    /// <summary>Messages of a role that the template passes over change no token: what answers them would be trained without them. A role that it wrote once is one that it writes, so that rows are not rendered twice.</summary>
    private void CheckRoles(PreferenceRow row, TokenizedGroup group)
    {
        if (row.Prompt.Messages is not { } messages) return;
        foreach (var role in messages.Where(Says).Select(RoleOf).Where(role => role is not ("user" or "assistant")).Distinct().ToList())
        {
            if (_writtenRoles.ContainsKey(role)) continue;
            JsonArray others = [.. messages.Where(message => RoleOf(message) != role).Select(message => message?.DeepClone())];
            if (others.Count > 0 && Same(row with { Prompt = ChatText.Of(others) }, group))
                throw new PreferenceDataException($"{row.Place}: the chat template leaves out the messages of '{role}'; give a model folder whose template writes them, or put what they say into the user's message");
            _writtenRoles.TryAdd(role, true);
        }
    }

    private static bool Says(JsonNode? message) => message?["content"] is JsonValue content && content.TryGetValue(out string? text) && !BlankText.Is(text);

    private static string RoleOf(JsonNode? message) => (string?)message?["role"] ?? "";

    /// <summary>A call that the template leaves out changes no token.</summary>
    private void CheckToolCalls(PreferenceRow row, TokenizedGroup group)
    {
        if (WithoutCalls(row.Prompt) is { } prompt && Same(row with { Prompt = prompt }, group)) throw LeftOut(row, "the prompt");
        for (var i = 0; i < row.Responses.Count; i++)
        {
            if (WithoutCalls(row.Responses[i]) is { } response && Same(row with { Responses = [.. row.Responses.Select((other, j) => j == i ? response : other)] }, group))
                throw LeftOut(row, $"response {i + 1}");
        }
    }

    private bool Same(PreferenceRow row, TokenizedGroup group)
    {
        try
        {
            var other = tokenizer.Tokenize(row.Prompt, row.Responses, row.Tools, row.Arguments);
            return other.PromptTokens.AsSpan().SequenceEqual(group.PromptTokens) && other.ResponseTokens.Zip(group.ResponseTokens).All(pair => pair.First.AsSpan().SequenceEqual(pair.Second));
        }
        catch (ChatTemplateException)
        {
            // It wants what was left out, then.
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
