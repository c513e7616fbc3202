using System.Text.Json;

namespace MLNet.Dpo.Data.Records;

/// <summary>The keys of a record's two answers, under any of the names that data sets give them.</summary>
/// <param name="Chosen">The better one's key.</param>
/// <param name="Rejected">The other's key.</param>
internal sealed record AnswerKeys(string Chosen, string Rejected)
{
    private static readonly AnswerKeys[] Known =
    [
        new("chosen", "rejected"),
        new("chosen_response", "rejected_response"),
        new("preferred_output", "non_preferred_output"),
        new("chosen_conversations", "rejected_conversations"),
        new("chosen_messages", "rejected_messages"),
        new("response_j", "response_k"),
    ];

    /// <summary>All names, the most usual first.</summary>
    public static IReadOnlyList<AnswerKeys> Usual => Known;

    /// <summary>The keys of which the record has at least one; null where it has none.</summary>
    public static AnswerKeys? Find(JsonElement root) => Array.Find(Known, keys => root.Has(keys.Chosen) || root.Has(keys.Rejected));

    /// <summary>Whether the record has only the rejected answer: the chosen one is what a plain example would have.</summary>
    public bool IsRejectedAlone(JsonElement root) => Rejected is not ("rejected" or "response_k") && !root.Has(Chosen);

    /// <summary>The chosen answer.</summary>
    public List<SourceMessage> ReadChosen(JsonRecord record) => Read(record, Chosen);

    /// <summary>The rejected answer.</summary>
    public List<SourceMessage> ReadRejected(JsonRecord record) => Read(record, Rejected);

    private List<SourceMessage> Read(JsonRecord record, string name)
    {
        if (!record.TryRead(name, out var value))
            throw record.Error($"'{name}' is missing; expected both '{Chosen}' and '{Rejected}': add it or remove the record");
        return ResponseReader.Read(record, value, $"'{name}'");
    }
}
