using System.Text.Json.Nodes;

namespace MLNet.Dpo.DataViews;

/// <summary>What a chat template writes between the turns and after the last, found by rendering a probe: texts that hold it have been rendered already.</summary>
/// <param name="BetweenTurns">From the end of what the user says to where the assistant begins.</param>
/// <param name="AfterAnswer">From the end of what the assistant says.</param>
internal sealed record TemplateMarks(string? BetweenTurns, string? AfterAnswer)
{
    private const string Asked = "a8f1 question 7c", Answered = "b3e9 answer 5d";

    /// <summary>The marks of a tokenizer's template; those that cannot be found are null.</summary>
    public static TemplateMarks Of(ChatTokenizer tokenizer)
    {
        try
        {
            var options = new ChatTemplateOptions { SpecialTokens = tokenizer.SpecialTokens };
            var asked = tokenizer.ChatTemplate!.Render([Message("user", Asked)], options with { AddGenerationPrompt = true });
            var answered = tokenizer.ChatTemplate.Render([Message("user", Asked), Message("assistant", Answered)], options);
            return new TemplateMarks(After(asked, Asked), After(answered, Answered));
        }
        catch (ChatTemplateException)
        {
            return new TemplateMarks(null, null);
        }
    }

    /// <summary>Whether a prompt has been rendered.</summary>
    public bool IsTemplatedPrompt(ChatText prompt) => BetweenTurns is not null && Contents(prompt).Any(text => text.Contains(BetweenTurns, StringComparison.Ordinal));

    /// <summary>Whether a response has been rendered: it closes its turn itself, or holds further ones.</summary>
    public bool IsTemplatedResponse(ChatText response) => Contents(response).Any(text =>
        (AfterAnswer is not null && text.AsSpan().TrimEnd().EndsWith(AfterAnswer)) || (BetweenTurns is not null && text.Contains(BetweenTurns, StringComparison.Ordinal)));

    private static JsonObject Message(string role, string content) => new() { ["role"] = role, ["content"] = content };

    private static string? After(string rendered, string text)
    {
        var at = rendered.LastIndexOf(text, StringComparison.Ordinal);
        if (at < 0) return null;
        var mark = rendered[(at + text.Length)..].Trim();
        // Control tokens are written in brackets; "Assistant:" is what anybody may say.
        return mark.Length >= 3 && mark.AsSpan().ContainsAny("<[") ? mark : null;
    }

    private static IEnumerable<string> Contents(ChatText text) => text.Text is { } plain
        ? [plain]
        : text.Messages!.Select(message => message?["content"]).OfType<JsonValue>().Select(content => content.TryGetValue(out string? said) ? said : "");
}
