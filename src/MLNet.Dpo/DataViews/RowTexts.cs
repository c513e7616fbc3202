using System.Text.Json;
using System.Text.Json.Nodes;
using MLNet.Dpo.Data.Records;

namespace MLNet.Dpo.DataViews;

/// <summary>What a row of text columns must be, wherever it comes from: the checks of the loader, for rows from memory too.</summary>
internal static class RowTexts
{
    /// <summary>A text without half of a surrogate pair.</summary>
    /// <exception cref="FormatException">It has one; the message goes on after the column's name.</exception>
    public static string CheckedText(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i])) continue;
            if (i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1])) i++;
            else throw new FormatException("has half of a surrogate pair, which is no character; write the whole character");
        }
        return text;
    }

    /// <summary>Messages with roles that chat templates know, and contents that are texts: parts of text are joined, as the loader joins them.</summary>
    /// <exception cref="FormatException">They are not so; the message goes on after the column's name.</exception>
    public static JsonArray CheckedMessages(JsonArray messages)
    {
        for (var i = 0; i < messages.Count; i++)
        {
            var message = messages[i]!.AsObject();
            var role = (string)message["role"]!;
            if (!TemplateRoles.IsKnown(role)) throw new FormatException($"has an item {i + 1} of the unknown role '{role}'; expected {TemplateRoles.Expected}");
            if (message["content"] is JsonArray parts) message["content"] = Joined(parts, i + 1);
        }
        return messages;
    }

    /// <summary>A response's messages alone: the prompt that it begins with is taken off.</summary>
    /// <exception cref="FormatException">It begins with somebody else than the assistant, and not with the prompt, or ends with who asks.</exception>
    public static ChatText WithoutPrompt(ChatText response, ChatText prompt)
    {
        if (response.Messages is not { } messages) return response;
        JsonNode?[] asked = [.. prompt.AsMessages("user")];
        if (messages.Count > asked.Length && asked.Zip(messages).All(pair => JsonNode.DeepEquals(pair.First, pair.Second)))
            messages = [.. messages.Skip(asked.Length).Select(message => message?.DeepClone())];
        if (messages[0]?["role"]?.GetValue<string>() is not "assistant" and var role)
            throw new FormatException($"begins with a message of '{role}' that is not the prompt's; expected the assistant's");
        if (messages[^1]?["role"]?.GetValue<string>() is ("user" or "system" or "developer") and var last)
            throw new FormatException($"ends with a message of '{last}', which would be trained as part of the answer; expected the assistant's last");
        return ChatText.Of(messages);
    }

    /// <summary>Two answers that are both messages as JSON text; null where one is a plain text.</summary>
    public static JsonArray[]? PackedAnswers(string[] answers)
    {
        JsonArray[] packed = [.. answers.Select(Packed).OfType<JsonArray>()];
        return packed.Length == answers.Length ? packed : null;
    }

    /// <summary>Messages that a text stores as JSON; null where it is anything else.</summary>
    public static JsonArray? Packed(string text)
    {
        using var document = PackedMessages.TryParse(text);
        if (document is null || document.RootElement.ValueKind != JsonValueKind.Array) return null;
        return MessagesJson.Parse(text);
    }

    private static string Joined(JsonArray parts, int item) => string.Concat(parts.Select(part => part switch
    {
        JsonValue value when value.GetValueKind() == JsonValueKind.String => (string)value!,
        JsonObject { } text when (text["type"] is null || text["type"] is JsonValue type && type.GetValueKind() == JsonValueKind.String && (string)type! == "text")
            && text["text"] is JsonValue content && content.GetValueKind() == JsonValueKind.String => (string)content!,
        _ => throw new FormatException($"has an item {item} with a content part that is no text, which is not supported yet; expected {{\"type\": \"text\", \"text\": \"...\"}}"),
    }));
}
