using System.Text.Json;

namespace MLNet.Dpo.Data.Records;

/// <summary>Turns a record into a group: finds its format by all its keys, refuses what is not supported yet, hands it to the format's reader, and sees that no text is lost.</summary>
internal sealed class PreferenceRecordReader
{
    private const string Expected = "expected 'conversations' or 'messages', 'prompt' with 'chosen' and 'rejected', 'instruction', or 'prompt' with 'responses' and 'scores'";
    private static readonly string[] NotSupportedYet = ["images", "videos", "audios"];

    private readonly PreferenceFormat _format;
    private readonly ConversationRecord _conversations;
    private readonly TrlRecord _trl;
    private readonly AlpacaRecord _alpaca;
    private readonly GroupRecord _groups;
    private readonly SideKeys _sideKeys;
    private readonly ColumnMap? _columns;

    /// <summary>A reader of records of one format, or of each record's own.</summary>
    public PreferenceRecordReader(PreferenceReader settings, ReadingReport.Pass pass)
    {
        var groups = new GroupBuilder(settings.AllowEmptyResponses);
        var joiner = new PairJoiner(groups, settings.ImplicitPrompt);
        _format = settings.Format;
        _conversations = new ConversationRecord(groups, joiner);
        _trl = new TrlRecord(groups, joiner);
        _alpaca = new AlpacaRecord(groups, joiner);
        _groups = new GroupRecord(groups);
        _sideKeys = new SideKeys(settings.IgnoredKeys.ToHashSet(), pass);
        _columns = settings.Columns is { } columns ? new ColumnMap(columns, settings.Format) : null;
    }

    /// <summary>Reads a record.</summary>
    /// <exception cref="PreferenceDataException">The record is not what its format asks for.</exception>
    public PreferenceGroup Read(JsonRecord record)
    {
        if (record.Root.ValueKind != JsonValueKind.Object)
            throw record.Error($"the record is {RecordFields.Describe(record.Root)}; expected an object");
        try
        {
            _columns?.Apply(record);
            CheckSupported(record);
            var group = (_format == PreferenceFormat.Auto ? Detect(record) : _format) switch
            {
                PreferenceFormat.ShareGpt => _conversations.Read(record, "conversations"),
                PreferenceFormat.Messages => _conversations.Read(record, "messages"),
                PreferenceFormat.Trl => _trl.Read(record),
                PreferenceFormat.Alpaca => _alpaca.Read(record),
                _ => _groups.Read(record),
            };
            group = TemplateKeys.Read(record, group);
            _sideKeys.Check(record, group);
            return group;
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
        var keys = AnswerKeys.Find(root);
        if (GroupRecord.Is(root) && (keys is null || (root.Has("responses") && root.Has("scores"))))
            return PreferenceFormat.Groups;
        // A conversation beside a prompt and both answers repeats them, as in binarized UltraFeedback; if it does not, that is found after reading.
        var isSpare = keys is not null && !keys.IsRejectedAlone(root) && (HasPrompt(root) || HoldsPrompt(root, keys));
        if (root.Has("conversations") && !isSpare)
            return PreferenceFormat.ShareGpt;
        if (root.Has("messages") && !isSpare)
            return PreferenceFormat.Messages;
        if (keys is null && root.FirstOf("output", "response", "completion") is null && JudgedAnswers.Describe(root) is { } judged)
            throw record.Error(judged);
        if ((root.Has("instruction") || root.Has("query")) && !root.Has("prompt"))
            return PreferenceFormat.Alpaca;
        if (keys is not null || (PromptReader.KeyOf(root) is var prompt && root.Has(prompt) && root.Has("completion")))
            return PreferenceFormat.Trl;
        throw Unknown(record);
    }

    private static bool HasPrompt(JsonElement root) => root.Has("prompt") || root.Has("question") || root.Has("instruction");

    /// <summary>Whether both answers are lists that begin with somebody else than the assistant.</summary>
    private static bool HoldsPrompt(JsonElement root, AnswerKeys keys) => new[] { keys.Chosen, keys.Rejected }.All(name =>
        root.TryGet(name, out var answer) && answer.ValueKind == JsonValueKind.Array && answer.GetArrayLength() > 1
        && (answer[0].TryGet("role", out var role) || answer[0].TryGet("from", out role)) && role.ValueKind == JsonValueKind.String && role.GetString() is not ("assistant" or "gpt"));

    private static PreferenceDataException Unknown(JsonRecord record)
    {
        var root = record.Root;
        if (root.Has("prompt") || root.Has("question"))
            return record.Error("'chosen' and 'rejected' are missing; expected both answers beside the prompt: add them or remove the record");
        return record.Error($"no known format: {RecordFields.DescribeKeys(root)}; {Expected}, or the names of the keys in Columns");
    }

    private static void CheckSupported(JsonRecord record)
    {
        var root = record.Root;
        foreach (var name in new[] { "label", "kto_tag" })
            if (root.TryGet(name, out var label) && label.ValueKind is JsonValueKind.True or JsonValueKind.False && AnswerKeys.Find(root) is null)
                throw record.Error($"this is KTO data (single answers, each with a true or false '{name}'), which is not supported yet; expected pairs of 'chosen' and 'rejected' answers");
        foreach (var name in NotSupportedYet)
            if (root.HasContent(name, out var description))
                throw record.Error($"'{name}' is {description}, which is not supported yet; expected it empty or absent");
    }
}
