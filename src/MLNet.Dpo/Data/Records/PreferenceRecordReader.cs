using System.Text.Json;

namespace MLNet.Dpo.Data.Records;

/// <summary>Turns a record into a group: finds its format, refuses what is not supported yet, and hands it to the format's reader.</summary>
internal sealed class PreferenceRecordReader(PreferenceFormat format, bool allowEmptyResponses)
{
    private const string Expected = "expected 'conversations' or 'messages', 'prompt' with 'chosen' and 'rejected', 'instruction', or 'prompt' with 'responses' and 'scores'";
    private static readonly string[] NotSupportedYet = ["tools", "chat_template_kwargs", "images", "videos", "audios"];

    private readonly ConversationRecord _conversations = new(new GroupBuilder(allowEmptyResponses));
    private readonly TrlRecord _trl = new(new GroupBuilder(allowEmptyResponses));
    private readonly AlpacaRecord _alpaca = new(new GroupBuilder(allowEmptyResponses));
    private readonly GroupRecord _groups = new(new GroupBuilder(allowEmptyResponses));

    /// <summary>Reads a record.</summary>
    /// <exception cref="PreferenceDataException">The record is not what its format asks for.</exception>
    public PreferenceGroup Read(JsonRecord record)
    {
        if (record.Root.ValueKind != JsonValueKind.Object)
            throw record.Error($"the record is {RecordFields.Describe(record.Root)}; expected an object");
        try
        {
            CheckSupported(record);
            return (format == PreferenceFormat.Auto ? Detect(record) : format) switch
            {
                PreferenceFormat.ShareGpt => _conversations.Read(record, "conversations"),
                PreferenceFormat.Messages => _conversations.Read(record, "messages"),
                PreferenceFormat.Trl => _trl.Read(record),
                PreferenceFormat.Alpaca => _alpaca.Read(record),
                _ => _groups.Read(record),
            };
        }
        catch (InvalidOperationException e)
        {
            // Text is decoded where it is read: an escape like \ud83d without its second half is valid JSON, but no text.
            throw record.Error("a text has half of a surrogate pair (an escape such as \\ud83d alone); write the character itself", e);
        }
    }

    private static PreferenceFormat Detect(JsonRecord record)
    {
        var root = record.Root;
        if (root.Has("responses"))
            return PreferenceFormat.Groups;
        if (root.Has("conversations"))
            return PreferenceFormat.ShareGpt;
        if (root.Has("messages"))
            return PreferenceFormat.Messages;
        if (root.Has("instruction"))
            return PreferenceFormat.Alpaca;
        if (root.Has("chosen") || root.Has("rejected") || (root.Has("prompt") && root.Has("completion")))
            return PreferenceFormat.Trl;
        if (root.Has("prompt") || root.Has("question"))
            throw record.Error("'chosen' and 'rejected' are missing; expected both answers beside the prompt: add them or remove the record");
        var keys = root.EnumerateObject().Select(property => property.Name).Take(8).ToArray();
        throw record.Error($"no known format: it has {(keys.Length == 0 ? "no keys" : $"the keys '{string.Join("', '", keys)}'")}; {Expected}");
    }

    private static void CheckSupported(JsonRecord record)
    {
        var root = record.Root;
        foreach (var name in new[] { "label", "kto_tag" })
            if (root.TryGet(name, out var label) && label.ValueKind is JsonValueKind.True or JsonValueKind.False && !root.Has("chosen") && !root.Has("rejected"))
                throw record.Error($"this is KTO data (single answers, each with a true or false '{name}'), which is not supported yet; expected pairs of 'chosen' and 'rejected' answers");
        foreach (var name in NotSupportedYet)
            if (root.HasContent(name, out var description))
                throw record.Error($"'{name}' is {description}, which is not supported yet; expected it empty or absent");
    }
}
