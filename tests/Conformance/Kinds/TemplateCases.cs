using System.Text.Json.Nodes;

namespace MLNet.Dpo.Conformance;

/// <summary>Golden folders of chat templates: *.jinja with cases.json (renderings, errors) and masks.json (what the assistant said).</summary>
public static class TemplateCases
{
    /// <summary>Whether the folder holds templates and cases for them.</summary>
    public static bool Matches(string folder) =>
        File.Exists(Path.Combine(folder, "cases.json")) && Directory.Exists(folder) && Directory.EnumerateFiles(folder, "*.jinja").Any()
        && !TokenizerCases.Matches(folder);

    /// <summary>Runs all cases of the folder.</summary>
    public static CaseReport Run(string folder)
    {
        var counter = new CaseCounter(folder);
        foreach (var row in GoldenJson.Rows(folder, "cases.json"))
        {
            if (File.Exists(TemplatePath(folder, row)))
                counter.Check($"{row["template"]}, {row["note"]}", () => CompareRendering(folder, row));
            else
                counter.Skip($"{row["template"]}.jinja is not here");
        }
        var tokenizers = new TokenizerFolders(folder);
        foreach (var row in GoldenJson.Rows(folder, "masks.json"))
        {
            if (File.Exists(TemplatePath(folder, row)) && tokenizers.Find(row["tokenizer"].Text()) is { } tokenizer)
                counter.Check($"mask of {row["template"]}", () => CompareMask(folder, tokenizer, row));
            else
                counter.Skip($"{row["template"]}.jinja or the tokenizer {row["tokenizer"]} is not here");
        }
        return counter.Report();
    }

    private static string TemplatePath(string folder, JsonObject row) => Path.Combine(folder, row.Need("template").Text() + ".jinja");

    private static ChatTemplate Template(string folder, JsonObject row) => ChatTemplate.Parse(File.ReadAllText(TemplatePath(folder, row)));

    private static string? CompareRendering(string folder, JsonObject row)
    {
        string actual;
        try
        {
            actual = Template(folder, row).Render(row["messages"]!.AsArray(), Options(row));
        }
        catch (ChatTemplateException e)
        {
            return CompareError(row, e);
        }
        return row["error"] is { } error ? $"expected the error {error}, got {CaseCounter.Quote(actual)}" : CaseCounter.Compare(row["expected"].Text(), actual);
    }

    /// <summary>A template's own message must be given exactly; the wording of other errors is free.</summary>
    private static string? CompareError(JsonObject row, ChatTemplateException e)
    {
        if (row["error"] is null)
            return $"expected {CaseCounter.Quote(row["expected"].Text())}, got the error {e.Message}";
        return row["error_kind"].Text() == "raise_exception" ? CaseCounter.Compare(row["error"].Text(), e.Message) : null;
    }

    private static ChatTemplateOptions Options(JsonObject row)
    {
        var tokens = new Dictionary<string, string>();
        foreach (string role in new[] { "bos_token", "eos_token" })
        {
            if (row[role] is { } token)
                tokens[role] = token.Text();
        }
        string? continued = row["continue_final_message"] switch
        {
            null => null,
            JsonValue value when value.TryGetValue(out string? key) => key,
            var flag => flag.GetValue<bool>() ? "content" : null,
        };
        return new ChatTemplateOptions
        {
            AddGenerationPrompt = row["add_generation_prompt"]?.GetValue<bool>() ?? false,
            ContinueFinalMessage = continued,
            SpecialTokens = tokens,
            Tools = row["tools"],
            Variables = row["kwargs"]?.AsObject(),
        };
    }

    private static string? CompareMask(string folder, HuggingFaceTokenizer tokenizer, JsonObject row)
    {
        var rendered = Template(folder, row).RenderWithSpans(row["messages"]!.AsArray(), Options(row) with { SpecialTokens = tokenizer.SpecialTokens });
        int[] spans = [.. rendered.GenerationSpans.SelectMany(span => new[] { CodePoints(rendered.Text, span.Start), CodePoints(rendered.Text, span.End) })];
        return CaseCounter.Compare(row["text"].Text(), rendered.Text)
            ?? CaseCounter.Compare([.. row["spans"]!.AsArray().SelectMany(span => span.Ids())], spans)
            ?? CaseCounter.Compare(row["ids"].Ids(), tokenizer.Encode(rendered.Text))
            ?? CaseCounter.Compare(row["assistant_mask"].Ids(), [.. tokenizer.EncodeWithMask(rendered).IsGenerated.Select(inside => inside ? 1 : 0)]);
    }

    private static int CodePoints(string text, Index end) => text[..end].EnumerateRunes().Count();
}
