using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using MLNet.Dpo.Files;
using MLNet.Dpo.Text.ChatTemplates;

namespace MLNet.Dpo.Saving.Gguf;

/// <summary>A tokenizer as GGUF keys: what llama.cpp makes its own of, and tokenizer.json itself (<c>tokenizer.huggingface.json</c>), which says all.</summary>
internal sealed class GgufTokenizerWriter
{
    private readonly HuggingFaceTokenizer _tokenizer;
    private readonly JsonObject _json;
    private readonly List<KeyValuePair<string, object>> _values = [];

    private GgufTokenizerWriter(HuggingFaceTokenizer tokenizer)
    {
        _tokenizer = tokenizer;
        _json = JsonFile.Parse(tokenizer.Files.TokenizerJson)!.AsObject();
    }

    /// <summary>The keys of a tokenizer.</summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="rows">Rows of the embedding matrix; those without a token get one that is never used.</param>
    /// <param name="endIds">The ids that end a generation.</param>
    /// <exception cref="NotSupportedException">llama.cpp has no tokenizer that gives the same ids.</exception>
    internal static IReadOnlyList<KeyValuePair<string, object>> Write(HuggingFaceTokenizer tokenizer, int rows, IReadOnlyList<int> endIds)
    {
        if (tokenizer.VocabularySize > rows)
            throw new NotSupportedException($"the tokenizer has {tokenizer.VocabularySize} tokens, the model's vocab_size is {rows}; GGUF has one row a token, so give the model as many.");
        var writer = new GgufTokenizerWriter(tokenizer);
        var model = writer._json["model"]!.AsObject();
        if (!model.ContainsKey("merges")) throw Unsupported($"a model of type {model["type"]?.ToJsonString() ?? "WordLevel"}", "BPE models");
        if (Flag(model, "byte_fallback")) writer.WriteSentencePiece(model, rows);
        else writer.WriteByteLevel(model, rows);
        writer.WriteSpecialIds(endIds);
        writer.WriteTemplates();
        writer.Add(GgufKeys.HuggingFace, Encoding.UTF8.GetString(tokenizer.Files.TokenizerJson));
        return writer._values;
    }

    private void WriteByteLevel(JsonObject model, int rows)
    {
        var composes = _json["normalizer"] is { } normalizer && (IsType(normalizer, "NFC") ? true : throw Unsupported($"the normalizer {Short(normalizer)}", "NFC or none"));
        var pre = GgufPreTokenizer.Of(_json["pre_tokenizer"], Flag(model, "ignore_merges"), composes) ?? throw Unsupported(
            $"the pre-tokenizer {Short(_json["pre_tokenizer"])}{(Flag(model, "ignore_merges") ? " with ignore_merges" : "")}", $"those that llama.cpp calls {string.Join(", ", GgufPreTokenizer.All.Select(known => known.Name))}");
        foreach (var key in new[] { "continuing_subword_prefix", "end_of_word_suffix" })
        {
            if (model[key]?.GetValue<string>() is { Length: > 0 } affix) throw Unsupported($"a {key} '{affix}'", "none");
        }
        Add(GgufKeys.Model, "gpt2");
        Add(GgufKeys.Pre, pre.Name);
        WriteTokens(rows, id => _tokenizer.IdToToken(id)!);
        Add(GgufKeys.Merges, Merges(model).Select(merge => $"{merge.Left} {merge.Right}").ToArray());
    }

    private void WriteSentencePiece(JsonObject model, int rows)
    {
        var addsPrefix = AddsSpacePrefix();
        Add(GgufKeys.Model, "llama");
        Add(GgufKeys.Pre, "default");
        var scores = Scores(model, rows);
        WriteTokens(rows, id => _tokenizer.IdToToken(id)!.Replace("▁", IsAdded(id) ? " " : "▁", StringComparison.Ordinal));
        Add(GgufKeys.Scores, scores);
        Add(GgufKeys.AddSpacePrefix, addsPrefix);
    }

    // llama.cpp joins by the score of the result, Hugging Face's by the rank of the merge, which SentencePiece's converters take from the same scores.
    private float[] Scores(JsonObject model, int rows)
    {
        var scores = new float[rows];
        var rank = 0;
        foreach (var (left, right) in Merges(model))
        {
            if (_tokenizer.TokenToId(left + right) is { } id && scores[id] == 0) scores[id] = -(rank + 1);
            rank++;
        }
        for (var id = 0; id < rows; id++)
        {
            if (scores[id] == 0) scores[id] = -(rank + 1);
        }
        return scores;
    }

    private bool AddsSpacePrefix()
    {
        var normalizers = _json["normalizer"] switch
        {
            null => [],
            JsonObject sequence when IsType(sequence, "Sequence") => sequence["normalizers"]!.AsArray().Select(step => step!).ToList(),
            var single => [single],
        };
        var splitter = _json["pre_tokenizer"];
        var prepends = normalizers.Count > 0 && IsType(normalizers[0], "Prepend") && normalizers[0]["prepend"]?.GetValue<string>() == "▁";
        if (prepends) normalizers.RemoveAt(0);
        var replaces = normalizers.Count == 1 && IsType(normalizers[0], "Replace") && normalizers[0]["pattern"]?["String"]?.GetValue<string>() == " " && normalizers[0]["content"]?.GetValue<string>() == "▁";
        // Once blanks are replaced, a split at blanks finds none (Gemma).
        if (replaces && (splitter is null || (IsType(splitter, "Split") && splitter["pattern"]?["String"]?.GetValue<string>() == " "))) return prepends;
        if (normalizers.Count == 0 && !prepends && splitter is not null && IsType(splitter, "Metaspace") && splitter["replacement"]?.GetValue<string>() == "▁" && !Flag(splitter.AsObject(), "split"))
            return splitter["prepend_scheme"]?.GetValue<string>() is "first" or "always";
        throw Unsupported($"the normalizer {Short(_json["normalizer"])} and the pre-tokenizer {Short(splitter)}", "those of Llama 2 and Gemma for a BPE model with byte_fallback");
    }

    private void WriteTokens(int rows, Func<int, string> textOf)
    {
        var (texts, kinds) = (new string[rows], new int[rows]);
        for (var id = 0; id < rows; id++)
        {
            var token = _tokenizer.IdToToken(id);
            texts[id] = token is null ? string.Create(CultureInfo.InvariantCulture, $"[PAD{id}]") : textOf(id);
            kinds[id] = (int)(token is null ? GgufTokenKind.Unused : KindOf(id, token));
        }
        Add(GgufKeys.Tokens, texts);
        Add(GgufKeys.Kinds, kinds);
    }

    private GgufTokenKind KindOf(int id, string token) =>
        Flag(_json["model"]!.AsObject(), "byte_fallback") && token == _json["model"]!["unk_token"]?.GetValue<string>() ? GgufTokenKind.Unknown
        : _tokenizer.IsSpecial(id) ? GgufTokenKind.Control
        : IsAdded(id) ? GgufTokenKind.UserDefined
        : Flag(_json["model"]!.AsObject(), "byte_fallback") && IsByte(token) ? GgufTokenKind.Byte
        : GgufTokenKind.Normal;

    private HashSet<int>? _added;

    private bool IsAdded(int id) => (_added ??= [.. (_json["added_tokens"] as JsonArray ?? []).Select(token => token!["id"]!.GetValue<int>())]).Contains(id);

    private void WriteSpecialIds(IReadOnlyList<int> endIds)
    {
        var frame = _tokenizer.Encode("", addSpecialTokens: true);
        var (bos, eos) = (_tokenizer.BosTokenId, _tokenizer.EosTokenId);
        var addsBos = frame.Length > 0 && (bos is null || frame[0] == bos);
        var addsEos = frame.Length > (addsBos ? 1 : 0) && frame[^1] == eos;
        if (frame.Length != (addsBos ? 1 : 0) + (addsEos ? 1 : 0)) throw Unsupported($"a post-processor that adds the ids {string.Join(", ", frame)}", "the bos token in front and the eos token behind");
        foreach (var (role, key) in GgufKeys.Roles)
        {
            var id = role == "bos_token" && addsBos ? frame[0] : role == "eos_token" ? eos ?? (endIds.Count > 0 ? endIds[0] : null) : _tokenizer.TokenToId(_tokenizer.SpecialTokens.GetValueOrDefault(role));
            if (id is { } known) Add(key, (uint)known);
            if (role == "eos_token") eos = id;
        }
        // llama.cpp ends a generation at these three.
        var others = endIds.Where(id => id != eos).Distinct().ToList();
        if (others.Count > 2) throw Unsupported($"{endIds.Count} ids that end a generation ({string.Join(", ", endIds)})", "3");
        foreach (var (key, id) in new[] { GgufKeys.Eot, GgufKeys.Eom }.Zip(others)) Add(key, (uint)id);
        Add(GgufKeys.AddBos, addsBos);
        Add(GgufKeys.AddEos, addsEos);
    }

    private void WriteTemplates()
    {
        var others = _tokenizer.ChatTemplates.Sources.Where(entry => entry.Key != ChatTemplateSet.Default).OrderBy(entry => entry.Key, StringComparer.Ordinal).ToList();
        if (_tokenizer.ChatTemplates.Sources.TryGetValue(ChatTemplateSet.Default, out var template)) Add(GgufKeys.ChatTemplate, template);
        if (others.Count == 0) return;
        Add(GgufKeys.ChatTemplates, others.Select(entry => entry.Key).ToArray());
        foreach (var (name, source) in others) Add($"{GgufKeys.ChatTemplate}.{name}", source);
    }

    private static IEnumerable<(string Left, string Right)> Merges(JsonObject model)
    {
        foreach (var merge in model["merges"]!.AsArray())
        {
            if (merge is JsonArray pair)
            {
                yield return (pair[0]!.GetValue<string>(), pair[1]!.GetValue<string>());
                continue;
            }
            var text = merge!.GetValue<string>();
            var cut = text.IndexOf(' ', StringComparison.Ordinal);
            yield return (text[..cut], text[(cut + 1)..]);
        }
    }

    private void Add(string key, object value) => _values.Add(KeyValuePair.Create(key, value));

    private static bool IsByte(string token) => token is ['<', '0', 'x', _, _, '>'];

    private static bool IsType(JsonNode node, string type) => node["type"]?.GetValue<string>() == type;

    private static bool Flag(JsonObject json, string key) => json[key]?.GetValue<bool>() == true;

    private static string Short(JsonNode? node) => (node?.ToJsonString() ?? "null") is { Length: > 200 } text ? text[..200] + "..." : node?.ToJsonString() ?? "null";

    private static NotSupportedException Unsupported(string given, string supported) =>
        new($"the tokenizer has {given}; GGUF, as llama.cpp reads it, has {supported}. Save a model folder instead (SaveModelFolder).");
}
