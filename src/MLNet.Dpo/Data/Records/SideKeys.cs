using System.Globalization;
using System.Text.Json;

namespace MLNet.Dpo.Data.Records;

/// <summary>
/// What a record has beside its prompt and answers. Numbers, truth values and empty values say nothing to a model; a text is either one that is known to be
/// about the record (its source, its id, how it was rated), or one that the row says anyway, or an error: a text is never dropped in silence.
/// </summary>
internal sealed class SideKeys(IReadOnlySet<string> ignored, ReadingReport.Pass pass)
{
    private static readonly HashSet<string> Known =
    [
        "id", "uid", "uuid", "idx", "index", "key", "hash", "sha", "md5", "source", "sources", "dataset", "data_source", "origin", "subset", "split", "category", "categories", "task", "tasks",
        "task_type", "type", "topic", "domain", "subject", "tag", "tags", "language", "lang", "locale", "model", "models", "model_a", "model_b", "model_name", "annotator", "annotators", "judge", "labeler", "author",
        "date", "time", "timestamp", "created_at", "updated_at", "url", "link", "license", "version", "status", "order", "difficulty", "quality", "metadata", "meta", "extra_info", "info",
        "score", "scores", "score_chosen", "score_rejected", "chosen_score", "rejected_score", "rating", "ratings", "chosen_rating", "rejected_rating", "margin", "rank", "ranks", "preference", "winner",
        "chosen_avg_rating", "rejected_avg_rating", "rationale", "rationales", "chosen_rationale", "rejected_rationale", "chosen_feedback", "rejected_feedback", "labelling_model", "labelling_prompt",
        "raw_labelling_response", "raw_generation_responses", "raw_generation_response", "generation_model", "generation_models", "generation_prompt", "distilabel_metadata", "correct_answers",
        "incorrect_answers", "principle", "critique", "overall_score", "new_generations", "generation_order", "raw_output_ultrafeedback", "raw_input_ultrafeedback",
    ];

    private static readonly string[] KnownEndings = ["_id", "_ids", "_model", "_models", "_source", "_score", "_scores", "_hash", "_url", "_type", "_language", "_rating", "_ratings", "_rationale"];

    private static readonly string[] KnownBeginnings = ["__", "rating_", "score_", "unnamed:_"];

    /// <summary>Checks what no reader has read, and counts what is not used.</summary>
    public void Check(JsonRecord record, PreferenceGroup group)
    {
        SaidTexts? said = null;
        List<string> lost = [], unused = [];
        foreach (var property in record.Root.EnumerateObject())
        {
            var name = ColumnMap.InFile(property.Name);
            if (record.HasRead(property.Name) || IsEmpty(property.Value))
                continue;
            if (ignored.Contains(name) || IsKnown(name) || !CarriesText(property.Value))
                unused.Add(name);
            else if (!(said ??= SaidTexts.Of(group)).Contains(record.Unpack(property.Value, $"'{name}'")))
                lost.Add(name);
        }
        if (lost.Count > 0)
        {
            throw record.Error(
                $"the text of '{string.Join("', '", lost)}' would be lost, since no known layout has {(lost.Count == 1 ? "this key" : "these keys")} beside the others; rename or remove {(lost.Count == 1 ? "it" : "them")}, or name {(lost.Count == 1 ? "it" : "them")} in IgnoredKeys");
        }
        unused.ForEach(pass.LeaveUnused);
    }

    private static bool IsEmpty(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => true,
        JsonValueKind.String => BlankText.Is(value.GetString()!) || value.GetString()!.Trim() is "[]" or "{}",
        JsonValueKind.Array => value.EnumerateArray().All(IsEmpty),
        JsonValueKind.Object => value.EnumerateObject().All(property => IsEmpty(property.Value)),
        _ => false,
    };

    /// <summary>Whether a text is a number or a truth value, as tables write them.</summary>
    private static bool IsFigure(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _) || bool.TryParse(text, out _);

    /// <summary>Whether a value holds a text that is no figure.</summary>
    public static bool CarriesText(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => !IsEmpty(value) && !IsFigure(value.GetString()!),
        JsonValueKind.Array => value.EnumerateArray().Any(CarriesText),
        JsonValueKind.Object => value.EnumerateObject().Any(property => CarriesText(property.Value)),
        _ => false,
    };

    /// <summary>Whether a key is one that is about the record, however its words are joined.</summary>
    public static bool IsKnown(string name)
    {
        var plain = name.ToLowerInvariant().Replace('-', '_').Replace('.', '_').Replace(' ', '_');
        return Known.Contains(plain) || KnownEndings.Any(ending => plain.EndsWith(ending, StringComparison.Ordinal)) || KnownBeginnings.Any(start => plain.StartsWith(start, StringComparison.Ordinal));
    }
}
