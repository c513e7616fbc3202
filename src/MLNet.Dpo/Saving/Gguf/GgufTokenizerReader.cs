using System.Text;
using System.Text.Json.Nodes;
using MLNet.Dpo.Files.Gguf;
using MLNet.Dpo.Text;
using MLNet.Dpo.Text.SentencePiece;

namespace MLNet.Dpo.Saving.Gguf;

/// <summary>
/// Makes the files of a Hugging Face tokenizer of a GGUF file's keys: its own tokenizer.json where the file carries it, else one that does what llama.cpp's tokenizers do.
/// </summary>
internal static class GgufTokenizerReader
{
    /// <summary>The tokenizer of a file.</summary>
    /// <exception cref="InvalidDataException">It has none, or a broken one.</exception>
    /// <exception cref="NotSupportedException">It is of a kind that is not read.</exception>
    internal static TokenizerFiles Read(GgufMetadata keys)
    {
        if (!keys.TryTexts(GgufKeys.Tokens, out var tokens)) throw keys.Missing(GgufKeys.Tokens);
        var kinds = keys.Ints(GgufKeys.Kinds) ?? [.. Enumerable.Repeat((int)GgufTokenKind.Normal, tokens.Length)];
        if (kinds.Length != tokens.Length) throw keys.Wrong(GgufKeys.Kinds, kinds, $"a list of {tokens.Length}, one for each token");
        var json = keys.Text(GgufKeys.HuggingFace) is { } whole ? Encoding.UTF8.GetBytes(whole) : keys.Text(GgufKeys.Model) switch
        {
            "gpt2" => ByteLevel(keys, tokens, kinds),
            "llama" => SentencePiece(keys, tokens, kinds),
            var model => throw new NotSupportedException($"{keys.Path}: {GgufKeys.Model} is '{model}'; supported: gpt2, llama. Give a tokenizer's folder beside the file."),
        };
        var templates = Templates(keys);
        return new TokenizerFiles(json, Encoding.UTF8.GetBytes(Config(keys, tokens).ToJsonString()), keys.Text(GgufKeys.ChatTemplate)) { NamedTemplates = templates };
    }

    private static byte[] ByteLevel(GgufMetadata keys, string[] tokens, int[] kinds)
    {
        var name = keys.Text(GgufKeys.Pre) ?? "default";
        var pre = GgufPreTokenizer.Named(name) ?? throw new NotSupportedException(
            $"{keys.Path}: {GgufKeys.Pre} is '{name}'; supported: {string.Join(", ", GgufPreTokenizer.All.Select(known => known.Name))}. Give a tokenizer's folder beside the file.");
        if (!keys.TryTexts(GgufKeys.Merges, out var merges)) throw keys.Missing(GgufKeys.Merges);
        var model = new JsonObject { ["type"] = "BPE", ["ignore_merges"] = pre.IgnoreMerges, ["vocab"] = Vocabulary(keys, tokens, kinds), ["merges"] = new JsonArray([.. merges.Select(merge => JsonValue.Create(merge))]) };
        return Whole(keys, tokens, kinds, new JsonObject
        {
            ["normalizer"] = pre.Composes ? new JsonObject { ["type"] = "NFC" } : null,
            ["pre_tokenizer"] = pre.ToJson(),
            ["decoder"] = new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = true, ["trim_offsets"] = true, ["use_regex"] = true },
            ["model"] = model,
        }, addsBos: pre.IgnoreMerges && pre.Name == "llama-bpe");
    }

    private static byte[] SentencePiece(GgufMetadata keys, string[] tokens, int[] kinds)
    {
        var scores = keys.Singles(GgufKeys.Scores) ?? throw keys.Missing(GgufKeys.Scores);
        if (scores.Length != tokens.Length) throw keys.Wrong(GgufKeys.Scores, scores, $"a list of {tokens.Length}, one for each token");
        var unknown = Array.IndexOf(kinds, (int)GgufTokenKind.Unknown);
        var prefix = keys.Bool(GgufKeys.AddSpacePrefix) ?? true;
        // Tokens that a user adds have blanks as they stand in texts; pieces have them as the normalizer makes them.
        var pieces = tokens.Select((token, id) => (kinds[id] == (int)GgufTokenKind.UserDefined ? token.Replace(' ', '▁') : token, scores[id])).ToList();
        var (vocabulary, merges) = ScoredPieces.ToBpe(pieces, id => kinds[id] is (int)GgufTokenKind.Unused);
        var model = new JsonObject
        {
            ["type"] = "BPE",
            ["unk_token"] = unknown < 0 ? null : tokens[unknown],
            ["fuse_unk"] = true,
            ["byte_fallback"] = true,
            ["ignore_merges"] = false,
            ["vocab"] = vocabulary,
            ["merges"] = merges,
        };
        return Whole(keys, tokens, kinds, new JsonObject
        {
            ["normalizer"] = ScoredPieces.Normalizer(prefix),
            ["pre_tokenizer"] = null,
            ["decoder"] = ScoredPieces.Decoder(prefix),
            ["model"] = model,
        }, addsBos: true);
    }

    private static byte[] Whole(GgufMetadata keys, string[] tokens, int[] kinds, JsonObject json, bool addsBos)
    {
        var added = new JsonArray();
        for (var id = 0; id < tokens.Length; id++)
        {
            var kind = (GgufTokenKind)kinds[id];
            if (kind is GgufTokenKind.Control or GgufTokenKind.Unknown or GgufTokenKind.UserDefined && tokens[id].Length > 0)
                added.Add((JsonNode)ScoredPieces.AddedToken(id, tokens[id], special: kind != GgufTokenKind.UserDefined));
        }
        json["version"] = "1.0";
        json["added_tokens"] = added;
        json["post_processor"] = ScoredPieces.Frame(
            (keys.Bool(GgufKeys.AddBos) ?? addsBos) ? Special(keys, tokens, GgufKeys.Roles["bos_token"]) : null,
            (keys.Bool(GgufKeys.AddEos) ?? false) ? Special(keys, tokens, GgufKeys.Eos) : null);
        return Encoding.UTF8.GetBytes(json.ToJsonString());
    }

    private static JsonObject Vocabulary(GgufMetadata keys, string[] tokens, int[] kinds)
    {
        var vocabulary = new JsonObject();
        for (var id = 0; id < tokens.Length; id++)
        {
            if ((GgufTokenKind)kinds[id] is GgufTokenKind.Normal or GgufTokenKind.Byte && !vocabulary.TryAdd(tokens[id], id))
                throw new InvalidDataException($"{keys.Path}: {GgufKeys.Tokens} has '{tokens[id]}' twice; get or make the file again.");
        }
        return vocabulary;
    }

    private static JsonObject Config(GgufMetadata keys, string[] tokens)
    {
        var config = new JsonObject();
        foreach (var (role, key) in GgufKeys.Roles)
        {
            if (Special(keys, tokens, key) is { } token) config[role] = token.Text;
        }
        return config;
    }

    private static (int Id, string Text)? Special(GgufMetadata keys, string[] tokens, string key) =>
        keys.Int(key) is not { } id ? null : id >= 0 && id < tokens.Length ? (id, tokens[id]) : throw keys.Wrong(key, id, $"an id from 0 to {tokens.Length - 1}");

    private static Dictionary<string, string> Templates(GgufMetadata keys)
    {
        var templates = new Dictionary<string, string>(StringComparer.Ordinal);
        if (!keys.TryTexts(GgufKeys.ChatTemplates, out var names)) return templates;
        foreach (var name in names)
        {
            // A name becomes a file's when the model's folder is written.
            if (name is "" or "." or ".." || name.AsSpan().ContainsAny('/', '\\', '\0')) throw keys.Wrong(GgufKeys.ChatTemplates, name, "names that can be those of files");
            templates[name] = keys.Text($"{GgufKeys.ChatTemplate}.{name}") ?? throw keys.Missing($"{GgufKeys.ChatTemplate}.{name}");
        }
        return templates;
    }
}
