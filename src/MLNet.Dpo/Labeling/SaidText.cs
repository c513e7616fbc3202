using System.Text.Json;
using System.Text.Json.Nodes;
using MLNet.Dpo.DataViews;

namespace MLNet.Dpo.Labeling;

/// <summary>The words of a prompt or a response, which may be messages, as one text.</summary>
internal static class SaidText
{
    /// <summary>What the assistant says: its messages' contents, a line each.</summary>
    internal static string OfAssistant(ChatText response) => response.Text ?? string.Join('\n', Contents(response.Messages!, "assistant"));

    /// <summary>What the user says last.</summary>
    internal static string OfUser(ChatText prompt) => prompt.Text ?? Contents(prompt.Messages!, "user").LastOrDefault() ?? "";

    /// <summary>A prompt as splits and sets of prompts know it: one user turn is the same as text and as a message.</summary>
    internal static string Key(ChatText prompt) => prompt.AsText("user") ?? prompt.Messages!.ToJsonString();

    private static IEnumerable<string> Contents(JsonArray messages, string role) => messages.OfType<JsonObject>()
        .Where(message => (string?)message["role"] == role)
        .Select(message => message["content"] is JsonValue value && value.GetValueKind() == JsonValueKind.String ? (string)value! : "");
}
