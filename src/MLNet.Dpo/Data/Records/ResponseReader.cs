using System.Text.Json;

namespace MLNet.Dpo.Data.Records;

/// <summary>Reads an answer, however it is written: a text, a message, or a list of messages.</summary>
internal static class ResponseReader
{
    /// <summary>Reads the answer in field <paramref name="name"/> of <paramref name="owner"/>; absent, null or an empty list is an error.</summary>
    public static List<SourceMessage> ReadField(JsonRecord record, JsonElement owner, string name)
    {
        if (!owner.TryGet(name, out var value))
            throw record.Error($"'{name}' is missing; expected both 'chosen' and 'rejected': add it or remove the record");
        return Read(record, value, $"'{name}'");
    }

    /// <summary>Reads an answer.</summary>
    public static List<SourceMessage> Read(JsonRecord record, JsonElement value, string where) => value.ValueKind switch
    {
        JsonValueKind.String => [SourceMessage.Plain("assistant", value.GetString()!)],
        JsonValueKind.Object => [MessageReader.Read(record, value, where)],
        JsonValueKind.Array when value.GetArrayLength() > 0 => MessageReader.ReadList(record, value, where.Trim('\'')),
        _ => throw record.Error($"{where} is {RecordFields.Describe(value)}; expected an answer: a text, a message or a list of messages"),
    };
}
