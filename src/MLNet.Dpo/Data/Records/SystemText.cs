namespace MLNet.Dpo.Data.Records;

/// <summary>The system's text, which a record may have apart from the conversation, as <c>system</c> or <c>system_prompt</c>.</summary>
internal static class SystemText
{
    /// <summary>The conversation with the record's system text before it.</summary>
    /// <exception cref="PreferenceDataException">There are two different ones.</exception>
    public static List<SourceMessage> Before(JsonRecord record, List<SourceMessage> messages)
    {
        var (system, other) = (record.ReadTextOrNull("system"), record.ReadTextOrNull("system_prompt"));
        if (!string.IsNullOrEmpty(system) && !string.IsNullOrEmpty(other) && system.Trim() != other.Trim())
            throw record.Error("'system' and 'system_prompt' are different texts; expected one of them");
        if ((string.IsNullOrEmpty(system) ? other : system) is not { Length: > 0 } text)
            return messages;
        if (messages is not [{ Role: "system" } own, ..])
            return [SourceMessage.Plain("system", text), .. messages];
        if (own.PlainText?.Trim() != text.Trim())
            throw record.Error("the conversation has a system message, and the record another system text beside it; expected one of them");
        return messages;
    }
}
