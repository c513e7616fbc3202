using System.Text.Json.Nodes;

namespace MLNet.Dpo.Conformance;

/// <summary>Golden folders of tokenizers: tokenizer.json with cases.json, fuzz.json, decode.json, stream.json.</summary>
public static class TokenizerCases
{
    /// <summary>Whether the folder holds a tokenizer and cases for it.</summary>
    public static bool Matches(string folder) =>
        (File.Exists(Path.Combine(folder, "tokenizer.json")) || File.Exists(Path.Combine(folder, "tokenizer.json.gz")))
        && (File.Exists(Path.Combine(folder, "cases.json")) || File.Exists(Path.Combine(folder, "fuzz.json")));

    /// <summary>Runs all cases of the folder.</summary>
    public static CaseReport Run(string folder)
    {
        var counter = new CaseCounter(folder);
        HuggingFaceTokenizer tokenizer;
        try
        {
            tokenizer = HuggingFaceTokenizer.Load(folder);
        }
        catch (InvalidDataException e) when (e.GetBaseException() is not System.Text.Json.JsonException) // not damaged, but of an unknown kind
        {
            counter.Skip(e.Message);
            return counter.Report();
        }

        foreach (var row in GoldenJson.Rows(folder, "cases.json"))
            CheckText(counter, tokenizer, row);
        foreach (var row in GoldenJson.Rows(folder, "fuzz.json"))
            counter.Check($"fuzz {CaseCounter.Quote(row["text"].Text())}", () => CaseCounter.Compare(row["ids"].Ids(), tokenizer.Encode(row["text"].Text())));
        foreach (var row in GoldenJson.Rows(folder, "decode.json"))
            counter.Check("decode " + row["ids"]!.ToJsonString(), () => CompareDecoded(tokenizer, row));
        foreach (var row in GoldenJson.Rows(folder, "stream.json"))
            counter.Check("stream " + row["ids"]!.ToJsonString(), () => CompareStream(tokenizer, row));
        if (File.Exists(Path.Combine(folder, "facts.json")))
            CheckFacts(counter, tokenizer, GoldenJson.Read(folder, "facts.json").AsObject());
        return counter.Report();
    }

    private static void CheckText(CaseCounter counter, HuggingFaceTokenizer tokenizer, JsonObject row)
    {
        string text = row["text"].Text();
        bool special = row["add_special_tokens"]!.GetValue<bool>();
        counter.Check("encode " + CaseCounter.Quote(text), () => CaseCounter.Compare(row["ids"].Ids(), tokenizer.Encode(text, special)));
        counter.Check("decode " + CaseCounter.Quote(text), () => CompareDecoded(tokenizer, row));
        if (!special)
            counter.Check("tokens " + CaseCounter.Quote(text), () => CompareTokens(tokenizer, text, row["ids"].Ids()));
    }

    private static string? CompareDecoded(HuggingFaceTokenizer tokenizer, JsonObject row) =>
        CaseCounter.Compare(row["decoded"].Text(), tokenizer.Decode(row["ids"].Ids(), skipSpecialTokens: false))
        ?? CaseCounter.Compare(row["decoded_skip"].Text(), tokenizer.Decode(row["ids"].Ids(), skipSpecialTokens: true));

    /// <summary>The tokens with offsets have the same ids, and their offsets lie within the text (normalization may reorder them).</summary>
    private static string? CompareTokens(HuggingFaceTokenizer tokenizer, string text, int[] ids)
    {
        var tokens = tokenizer.EncodeToTokens(text, out _);
        if (CaseCounter.Compare(ids, [.. tokens.Select(token => token.Id)]) is { } difference)
            return difference;
        var outside = tokens.Where(token => token.Offset.End.Value < token.Offset.Start.Value || token.Offset.End.Value > text.Length).ToArray();
        return outside.Length == 0 ? null : $"token {outside[0].Value} covers {outside[0].Offset}";
    }

    private static string? CompareStream(HuggingFaceTokenizer tokenizer, JsonObject row)
    {
        var stream = tokenizer.CreateDecodeStream(row["skip_special_tokens"]!.GetValue<bool>());
        var expected = row["pieces"]!.AsArray();
        int at = 0;
        foreach (int id in row["ids"].Ids())
        {
            if (CaseCounter.Compare(expected[at++]?.GetValue<string>(), stream.Step(id)) is { } difference)
                return $"piece {at - 1}: {difference}";
        }
        return null;
    }

    private static void CheckFacts(CaseCounter counter, HuggingFaceTokenizer tokenizer, JsonObject facts)
    {
        counter.Check("special tokens", () => CaseCounter.Compare(facts["eos_token"]?.Text(), tokenizer.EosToken)
            ?? CaseCounter.Compare(facts["bos_token"]?.Text(), tokenizer.BosToken)
            ?? CaseCounter.Compare(facts["pad_token"]?.Text(), tokenizer.PadToken)
            ?? CaseCounter.Compare([facts["eos_id"]?.GetValue<int>() ?? -1, facts["bos_id"]?.GetValue<int>() ?? -1, facts["pad_id"]?.GetValue<int>() ?? -1],
                [tokenizer.EosTokenId ?? -1, tokenizer.BosTokenId ?? -1, tokenizer.PadTokenId ?? -1]));
        counter.Check("highest id", () => CaseCounter.Compare([facts["max_id"]!.GetValue<int>() + 1], [tokenizer.VocabularySize]));
    }
}
