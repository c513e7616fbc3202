using System.Text.Json;
using Microsoft.Extensions.AI;

namespace MLNet.Dpo;

/// <summary>Prompts as the messages of Microsoft.Extensions.AI.</summary>
internal static class ChatPromptMessages
{
    /// <summary>The messages of a prompt.</summary>
    /// <exception cref="PreferenceDataException">A message is more than a role and a text.</exception>
    internal static IReadOnlyList<ChatMessage> Of(SamplePrompt prompt, int index)
    {
        if (prompt.Messages.Length == 0) return [new ChatMessage(ChatRole.User, prompt.Prompt)];
        using var document = JsonDocument.Parse(prompt.Messages);
        return [.. document.RootElement.EnumerateArray().Select((message, number) => Of(message, index, number))];
    }

    private static ChatMessage Of(JsonElement message, int prompt, int number)
    {
        if (message.EnumerateObject().FirstOrDefault(p => p.Name is not ("role" or "content")) is { Value.ValueKind: not JsonValueKind.Undefined } other)
            throw Error(prompt, number, $"'{other.Name}', which is not sent to a service yet; expected role and content alone");
        if (!message.TryGetProperty("content", out var content) || content.ValueKind != JsonValueKind.String) throw Error(prompt, number, "a content that is no text; expected one");
        var role = message.GetProperty("role").GetString()!;
        return role is "system" or "developer" or "user" or "assistant"
            ? new ChatMessage(new ChatRole(role), content.GetString())
            : throw Error(prompt, number, $"the role '{role}'; expected system, developer, user or assistant");
    }

    private static PreferenceDataException Error(int prompt, int number, string what) => new($"Prompt {prompt + 1}, message {number + 1} has {what}.");
}
