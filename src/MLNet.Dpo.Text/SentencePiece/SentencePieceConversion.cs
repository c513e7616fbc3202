using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using MLNet.Dpo.Text.Tokenization;

namespace MLNet.Dpo.Text.SentencePiece;

/// <summary>
/// Makes a tokenizer.json of a <c>tokenizer.model</c>, as transformers' converters do: BPE models as Llama's, unigram models as T5's and its kin
/// (https://github.com/huggingface/transformers/blob/main/src/transformers/convert_slow_tokenizer.py).
/// </summary>
internal static class SentencePieceConversion
{
    /// <summary>The file's name.</summary>
    internal const string FileName = "tokenizer.model";

    /// <summary>The tokenizer.json, and a tokenizer_config.json where the folder has none.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="config">tokenizer_config.json; null where there is none.</param>
    /// <param name="addedTokens">added_tokens.json, ids by text; null where there is none.</param>
    /// <exception cref="InvalidDataException">The file is no model that is supported; the message names it.</exception>
    internal static (byte[] Json, byte[] Config) Convert(ReadOnlySpan<byte> bytes, byte[]? config, byte[]? addedTokens)
    {
        try
        {
            var model = SentencePieceModel.Read(bytes);
            var settings = config is null ? new JsonObject(model.SpecialTokens.Select(token => KeyValuePair.Create(token.Key, (JsonNode?)token.Value))) : Object(config, TokenizerConfig.File);
            byte[] json = Encoding.UTF8.GetBytes(Json(model, settings, addedTokens is null ? [] : Object(addedTokens, "added_tokens.json")).ToJsonString());
            return (json, config ?? Encoding.UTF8.GetBytes(settings.ToJsonString()));
        }
        catch (InvalidDataException e) when (!e.Message.StartsWith(TokenizerConfig.File, StringComparison.Ordinal) && !e.Message.StartsWith("added_tokens.json", StringComparison.Ordinal))
        {
            throw new InvalidDataException($"{FileName}: {e.Message}; get the file again, or give a folder with tokenizer.json.", e);
        }
    }

    private static JsonObject Json(SentencePieceModel model, JsonObject settings, JsonObject addedTokens)
    {
        bool prefix = Flag(settings, "add_prefix_space") ?? model.AddsDummyPrefix;
        var json = model.IsBpe ? Bpe(model, prefix, isLegacy: Flag(settings, "legacy") != false) : Unigram(model, prefix);
        var added = AddedTokens(model, settings, addedTokens);
        json["version"] = "1.0";
        json["added_tokens"] = new JsonArray([.. added.Values.Select(token => (JsonNode)token)]);
        json["post_processor"] = ScoredPieces.Frame(
            (Flag(settings, "add_bos_token") ?? model.IsBpe) ? Special(model, settings, added, "bos_token") : null,
            (Flag(settings, "add_eos_token") ?? !model.IsBpe) ? Special(model, settings, added, "eos_token") : null);
        return json;
    }

    private static JsonObject Bpe(SentencePieceModel model, bool prefix, bool isLegacy)
    {
        var (vocabulary, merges) = ScoredPieces.ToBpe([.. model.Pieces.Select(piece => (piece.Piece, piece.Score))], id => false);
        var steps = Normalizers(model);
        var metaspace = prefix && !isLegacy ? Metaspace("first", split: false) : null;
        if (metaspace is null)
        {
            var last = ScoredPieces.Normalizer(prefix);
            foreach (var step in last["normalizers"]?.AsArray().Select(step => step!.DeepClone()).ToList() ?? [last])
                steps.Add(step);
        }
        return new JsonObject
        {
            ["normalizer"] = Sequence("normalizers", steps),
            ["pre_tokenizer"] = metaspace,
            ["decoder"] = ScoredPieces.Decoder(prefix),
            ["model"] = new JsonObject
            {
                ["type"] = "BPE",
                ["unk_token"] = model.SpecialTokens.GetValueOrDefault("unk_token"),
                ["fuse_unk"] = true,
                ["byte_fallback"] = model.ByteFallback,
                ["ignore_merges"] = false,
                ["vocab"] = vocabulary,
                ["merges"] = merges,
            },
        };
    }

    private static JsonObject Unigram(SentencePieceModel model, bool prefix)
    {
        int unknown = model.Pieces.FindIndex(piece => piece.Kind == PieceKind.Unknown);
        string scheme = prefix ? "always" : "never";
        var decoder = Metaspace(scheme, split: true);
        return new JsonObject
        {
            ["normalizer"] = Sequence("normalizers", Normalizers(model)),
            ["pre_tokenizer"] = Metaspace(scheme, split: true),
            ["decoder"] = model.ByteFallback ? Sequence("decoders", [new JsonObject { ["type"] = "ByteFallback" }, decoder]) : decoder,
            ["model"] = new JsonObject
            {
                ["type"] = "Unigram",
                ["unk_id"] = unknown < 0 ? null : unknown,
                ["byte_fallback"] = model.ByteFallback,
                ["vocab"] = new JsonArray([.. model.Pieces.Select(piece => new JsonArray(piece.Piece, (double)piece.Score))]),
            },
        };
    }

    private static List<JsonNode> Normalizers(SentencePieceModel model)
    {
        var steps = new List<JsonNode>();
        if (model.CharacterMap.Length > 0)
            steps.Add(new JsonObject { ["type"] = "Precompiled", ["precompiled_charsmap"] = System.Convert.ToBase64String(model.CharacterMap) });
        if (model.RemovesExtraWhitespace)
        {
            steps.Add(new JsonObject { ["type"] = "Strip", ["strip_left"] = false, ["strip_right"] = true });
            steps.Add(new JsonObject { ["type"] = "Replace", ["pattern"] = new JsonObject { ["Regex"] = " {2,}" }, ["content"] = model.IsBpe ? " " : "▁" });
        }
        return steps;
    }

    /// <summary>Tokens outside the pieces: the model's own special ones and those that users add, then what the folder adds.</summary>
    private static SortedDictionary<int, JsonObject> AddedTokens(SentencePieceModel model, JsonObject settings, JsonObject addedTokens)
    {
        var tokens = new SortedDictionary<int, JsonObject>();
        for (int id = 0; id < model.Pieces.Count; id++)
        {
            if (model.Pieces[id].Kind is PieceKind.Control or PieceKind.Unknown or PieceKind.UserDefined)
                tokens[id] = ScoredPieces.AddedToken(id, model.Pieces[id].Piece, special: model.Pieces[id].Kind != PieceKind.UserDefined);
        }
        foreach (var (text, id) in addedTokens)
            tokens[Id("added_tokens.json", text, id)] = ScoredPieces.AddedToken(Id("added_tokens.json", text, id), text, special: true);
        foreach (var (key, entry) in settings["added_tokens_decoder"] as JsonObject ?? [])
        {
            if (!int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out int id) || entry is not JsonObject token || token["content"]?.GetValueKind() != JsonValueKind.String)
                throw new InvalidDataException($"{TokenizerConfig.File}: added_tokens_decoder has '{key}'; expected an id with an object that has \"content\".");
            var own = tokens[id] = ScoredPieces.AddedToken(id, token["content"]!.GetValue<string>(), special: Flag(token, "special") == true);
            foreach (string flag in new[] { "single_word", "lstrip", "rstrip", "normalized" })
                own[flag] = Flag(token, flag) == true;
        }
        return tokens;
    }

    private static int Id(string file, string text, JsonNode? id) => id?.GetValueKind() == JsonValueKind.Number && id.AsValue().TryGetValue(out int number) && number >= 0
        ? number
        : throw new InvalidDataException($"{file}: the token '{text}' has the id {id?.ToJsonString() ?? "null"}; expected a whole number from 0.");

    private static (int Id, string Text)? Special(SentencePieceModel model, JsonObject settings, SortedDictionary<int, JsonObject> added, string role)
    {
        var named = settings[role] is JsonObject token ? token["content"] : settings[role];
        string? text = named?.GetValueKind() == JsonValueKind.String ? named.GetValue<string>() : model.SpecialTokens.GetValueOrDefault(role);
        foreach (var (id, known) in added)
        {
            if (known["content"]!.GetValue<string>() == text)
                return (id, text!);
        }
        return null;
    }

    private static JsonObject Metaspace(string scheme, bool split) => new() { ["type"] = "Metaspace", ["replacement"] = "▁", ["prepend_scheme"] = scheme, ["split"] = split };

    private static JsonNode? Sequence(string key, IReadOnlyList<JsonNode> steps) => steps.Count switch
    {
        0 => null,
        1 => steps[0],
        _ => new JsonObject { ["type"] = "Sequence", [key] = new JsonArray([.. steps]) },
    };

    private static bool? Flag(JsonObject json, string key) => json[key]?.GetValueKind() switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => null,
    };

    private static JsonObject Object(byte[] utf8, string file) => JsonReading.ReadFile(utf8, file, json => json.ValueKind == JsonValueKind.Object
        ? JsonObject.Create(json.Clone())!
        : throw new InvalidDataException($"{file}: the top level is not a JSON object."));
}
