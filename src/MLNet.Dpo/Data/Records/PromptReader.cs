using System.Text.Json;

namespace MLNet.Dpo.Data.Records;

/// <summary>Reads a prompt that is a text (one user turn), a message, or a list of messages.</summary>
internal static class PromptReader
{
    /// <summary>Reads the field, with the record's <c>system</c> text before it; null when it is absent.</summary>
    public static List<SourceMessage>? Read(JsonRecord record, string name)
    {
        if (!record.Root.TryGet(name, out var value))
            return null;
        List<SourceMessage> messages = value.ValueKind switch
        {
            JsonValueKind.String => [SourceMessage.Plain("user", value.GetString()!)],
            JsonValueKind.Object => [MessageReader.Read(record, value, $"'{name}'")],
            JsonValueKind.Array when value.GetArrayLength() > 0 => MessageReader.ReadList(record, value, name),
            _ => throw record.Error($"'{name}' is {RecordFields.Describe(value)}; expected a text or a list of messages"),
        };
        return ConversationRecord.WithSystem(messages, record.GetTextOrNull("system"));
    }
}
