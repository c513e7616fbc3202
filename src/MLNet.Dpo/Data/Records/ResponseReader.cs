using System.Text.Json;

namespace MLNet.Dpo.Data.Records;

/// <summary>Reads an answer, however it is written: a text, a message, or a list of messages.</summary>
internal static class ResponseReader
{
    /// <summary>Reads an answer.</summary>
    public static List<SourceMessage> Read(JsonRecord record, JsonElement value, string where)
    {
        var answer = record.Unpack(value, where);
        return answer.ValueKind switch
        {
            JsonValueKind.String => [SourceMessage.Plain("assistant", answer.GetString()!)],
            JsonValueKind.Object => [MessageReader.Read(record, answer, where)],
            JsonValueKind.Array when answer.GetArrayLength() > 0 => MessageReader.ReadList(record, answer, where.Trim('\'')),
            _ => throw record.Error($"{where} is {RecordFields.Describe(answer)}; expected an answer: a text, a message or a list of messages"),
        };
    }
}
