using System.Text.Json;

namespace MLNet.Dpo.Data.Records;

/// <summary>
/// What a record has beside its prompt and answers. Numbers, truth values and empty values say nothing to a model; a text is either one that is known to be
/// about the record (its source, its id, how it was rated), or one that the row says anyway, or an error: a text is never dropped in silence.
/// </summary>
internal sealed class SideKeys(IReadOnlySet<string> ignored)
{
    private static readonly HashSet<string> Known =
    [
        "id", "uid", "uuid", "idx", "index", "key", "hash", "sha", "md5", "source", "sources", "dataset", "data_source", "origin", "subset", "split", "category", "categories", "task", "tasks",
        "task_type", "type", "topic", "domain", "subject", "tag", "tags", "language", "lang", "locale", "model", "models", "model_a", "model_b", "annotator", "annotators", "judge", "labeler", "author",
        "date", "time", "timestamp", "created_at", "updated_at", "url", "link", "license", "version", "status", "order", "difficulty", "quality", "metadata", "meta", "extra_info", "info",
        "score", "scores", "score_chosen", "score_rejected", "chosen_score", "rejected_score", "rating", "ratings", "chosen_rating", "rejected_rating", "margin", "rank", "ranks", "preference", "winner",
        "chosen_avg_rating", "rejected_avg_rating", "rationale", "rationales", "chosen_rationale", "rejected_rationale", "chosen_feedback", "rejected_feedback", "labelling_model", "labelling_prompt",
        "raw_labelling_response", "raw_generation_responses", "raw_generation_response", "generation_model", "generation_models", "generation_prompt", "distilabel_metadata", "correct_answers",
        "incorrect_answers", "principle", "critique", "overall_score",
    ];

    private static readonly string[] KnownEndings = ["_id", "_ids", "_model", "_models", "_source", "_score", "_scores", "_hash", "_url", "_type", "_language"];

    /// <summary>Checks what no reader has read.</summary>
    public void Check(JsonRecord record, PreferenceGroup group)
    {
        SaidTexts? said = null;
        List<string>? lost = null;
        foreach (var property in record.Root.EnumerateObject())
        {
            if (!record.HasRead(property.Name) && !IsKnown(property.Name) && CarriesText(property.Value) && !(said ??= SaidTexts.Of(group)).Contains(record.Unpack(property.Value, $"'{property.Name}'")))
                (lost ??= []).Add(property.Name);
        }
        if (lost is not null)
        {
            throw record.Error(
                $"the text of '{string.Join("', '", lost)}' would be lost, since no known layout has {(lost.Count == 1 ? "this key" : "these keys")} beside the others; rename or remove {(lost.Count == 1 ? "it" : "them")}, or name {(lost.Count == 1 ? "it" : "them")} in IgnoredKeys");
        }
    }

    private static bool CarriesText(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => !BlankText.Is(value.GetString()!) && value.GetString()!.Trim() is not ("[]" or "{}"),
        JsonValueKind.Array => value.EnumerateArray().Any(CarriesText),
        JsonValueKind.Object => value.EnumerateObject().Any(property => CarriesText(property.Value)),
        _ => false,
    };

    private bool IsKnown(string name) =>
        ignored.Contains(name) || Known.Contains(name) || KnownEndings.Any(ending => name.EndsWith(ending, StringComparison.Ordinal)) || name.StartsWith("__", StringComparison.Ordinal);
}
