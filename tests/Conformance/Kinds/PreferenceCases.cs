using System.Text.Json.Nodes;
using MLNet.Dpo.Data.Records;
using MLNet.Dpo.DataViews;

namespace MLNet.Dpo.Conformance;

/// <summary>Golden folders of tokenized preference rows: tokenized.json (real rows), or dpo.json (awkward rows, truncated or dropped).</summary>
public static class PreferenceCases
{
    /// <summary>Whether the folder holds tokenized preference rows.</summary>
    public static bool Matches(string folder) => IsTokenized(folder) || IsPreparation(folder);

    /// <summary>Runs all cases of the folder.</summary>
    public static CaseReport Run(string folder)
    {
        var counter = new CaseCounter(folder);
        if (IsTokenized(folder))
            RunTokenized(folder, counter);
        if (IsPreparation(folder))
            RunPreparation(folder, counter);
        return counter.Report();
    }

    private static bool IsTokenized(string folder) => File.Exists(Path.Combine(folder, "tokenized.json"));

    private static bool IsPreparation(string folder) =>
        File.Exists(Path.Combine(folder, "dpo.json")) && GoldenJson.Read(folder, "dpo.json") is JsonObject golden && golden.ContainsKey("sets");

    private static void RunTokenized(string folder, CaseCounter counter)
    {
        var tokenizers = new TokenizerFolders(folder);
        foreach (var row in GoldenJson.Read(folder, "tokenized.json")["rows"]!.AsArray().Select(row => row!.AsObject()))
        {
            string name = row["tokenizer"].Text();
            if (tokenizers.Find(name) is not { } tokenizer)
                counter.Skip($"the tokenizer {name} is not here");
            else
                counter.Check($"{row["origin"]}, {name}, {row["format"]}", () => CompareTokenized(tokenizer, row));
        }
    }

    private static string? CompareTokenized(HuggingFaceTokenizer tokenizer, JsonObject row)
    {
        var group = Tokenize(tokenizer, WithPrompt(row["row"]!.AsObject()), row["format"].Text() == "conversational");
        bool dropped = group.Truncate(512) is null;
        return CaseCounter.Compare(row["prompt_ids"].Ids(), group.PromptTokens)
            ?? CaseCounter.Compare(row["chosen_ids"].Ids(), group.ResponseTokens[0])
            ?? CaseCounter.Compare(row["rejected_ids"].Ids(), group.ResponseTokens[1])
            ?? (row["prompt_is_not_a_prefix"]!.GetValue<bool>() == group.PromptIsPrefix ? "whether the prompt is a prefix" : null)
            ?? (row["dropped_at_512"]!.GetValue<bool>() == dropped ? null : $"dropped at 512: {dropped}")
            ?? (dropped ? null : CompareBatch(row["collated_512"]!.AsObject(), [group.Truncate(512)!]));
    }

    /// <summary>The row with the common beginning of its answers as the prompt, where it has none.</summary>
    private static JsonObject WithPrompt(JsonObject row)
    {
        if (row["prompt"] is not null)
            return row;
        var split = new JsonObject();
        if (row["chosen"] is JsonArray chosen)
        {
            var rejected = row["rejected"]!.AsArray();
            int length = CommonPrefix.PromptLength(Messages(chosen), Messages(rejected));
            split["prompt"] = new JsonArray([.. chosen.Take(length).Select(message => message!.DeepClone())]);
            split["chosen"] = new JsonArray([.. chosen.Skip(length).Select(message => message!.DeepClone())]);
            split["rejected"] = new JsonArray([.. rejected.Skip(length).Select(message => message!.DeepClone())]);
            return split;
        }
        string text = row["chosen"].Text(), other = row["rejected"].Text();
        int characters = CommonPrefix.PromptLength(text, other);
        (split["prompt"], split["chosen"], split["rejected"]) = (text[..characters], text[characters..], other[characters..]);
        return split;
    }

    private static List<SourceMessage> Messages(JsonArray array) =>
        [.. array.Select(message => SourceMessage.Rewritten(message!["role"].Text(), callsTools: false, message.ToJsonString()))];

    private static void RunPreparation(string folder, CaseCounter counter)
    {
        var golden = GoldenJson.Read(folder, "dpo.json");
        if (new TokenizerFolders(folder).Find(golden["tokenizer"].Text()) is not { } tokenizer)
        {
            counter.Skip($"the tokenizer {golden["tokenizer"]} is not here");
            return;
        }
        foreach (var set in golden["sets"]!.AsArray().Select(set => set!.AsObject()))
        {
            string name = $"{set["name"]}, max_length {set["max_length"]?.ToJsonString() ?? "none"} {set["truncation_mode"]}";
            counter.Check(name, () => CompareSet(tokenizer, set));
        }
    }

    private static string? CompareSet(HuggingFaceTokenizer tokenizer, JsonObject set)
    {
        bool conversational = set["name"].Text().StartsWith("conversational", StringComparison.Ordinal);
        var rows = set["rows"]!.AsArray();
        int[] kept = set["kept_rows"].Ids();
        var mode = set["truncation_mode"].Text() == "keep_end" ? TruncationMode.KeepEnd : TruncationMode.KeepStart;
        var batch = new List<TokenizedGroup>();
        for (int i = 0; i < rows.Count; i++)
        {
            int at = Array.IndexOf(kept, i);
            // Where the prompt is implicit, the golden data hold the texts after the split, of the rows kept.
            var row = rows[i]!["prompt"] is not null ? rows[i]! : at >= 0 ? set["prepared"]![at]! : null;
            if (row is null)
                continue;
            var group = Tokenize(tokenizer, row.AsObject(), conversational);
            var truncated = group.Truncate(set["max_length"]?.GetValue<int>(), mode);
            if (truncated is null != at < 0)
                return $"row {i} is {(truncated is null ? "dropped" : "kept")}";
            if (truncated is null)
                continue;
            batch.Add(truncated);
            var expected = set["prepared"]![at]!;
            if ((CaseCounter.Compare(expected["prompt_ids"].Ids(), group.PromptTokens) ?? CaseCounter.Compare(expected["chosen_ids"].Ids(), group.ResponseTokens[0])
                ?? CaseCounter.Compare(expected["rejected_ids"].Ids(), group.ResponseTokens[1])) is { } difference)
                return $"row {i}: {difference}";
        }
        return CompareBatch(set["batch"]!.AsObject(), batch);
    }

    /// <summary>The batch's lines without padding: all chosen, then all rejected. The completion mask says where the response begins, where it is there.</summary>
    private static string? CompareBatch(JsonObject batch, List<TokenizedGroup> groups)
    {
        var lines = batch["input_ids"]!.AsArray();
        var masks = batch["attention_mask"]!.AsArray();
        for (int i = 0; i < lines.Count; i++)
        {
            var group = groups[i % groups.Count];
            int[] mask = masks[i].Ids();
            int[] expected = [.. lines[i].Ids().Where((_, at) => mask[at] == 1)];
            int response = i / groups.Count;
            int[] prompt = group.PromptTokens[(group.PromptStarts?[response] ?? 0)..];
            if (CaseCounter.Compare(expected, [.. prompt, .. group.ResponseTokens[response]]) is { } difference)
                return $"batch line {i}: {difference}";
            if (batch["completion_mask"]?[i].Ids() is { } completion && Array.IndexOf(completion, 1) != prompt.Length)
                return $"batch line {i}: the response begins at {Array.IndexOf(completion, 1)}, not at {prompt.Length}";
        }
        return null;
    }

    private static TokenizedGroup Tokenize(HuggingFaceTokenizer tokenizer, JsonObject row, bool conversational) =>
        new PreferenceTokenizer(new ChatTokenizer(tokenizer), applyChatTemplate: conversational)
            .Tokenize(Read(row["prompt"]), [Read(row["chosen"]), Read(row["rejected"])], row["tools"], row["chat_template_kwargs"]?.AsObject());

    private static ChatText Read(JsonNode? node) => node is JsonArray messages ? ChatText.Of(messages) : ChatText.Of(node.Text());
}
