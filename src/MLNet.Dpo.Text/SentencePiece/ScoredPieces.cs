using System.Text.Json.Nodes;

namespace MLNet.Dpo.Text.SentencePiece;

/// <summary>
/// What Hugging Face's converters make of SentencePiece's vocabularies, as parts of a tokenizer.json
/// (https://github.com/huggingface/transformers/blob/main/src/transformers/convert_slow_tokenizer.py).
/// </summary>
internal static class ScoredPieces
{
    // Longer pieces are none of real vocabularies; the work for one grows with the square of its length.
    private const int MaxPieceLength = 1024;

    /// <summary>
    /// The vocabulary and merges of a BPE model: SentencePiece joins by the score of the result, so that each way to split a piece into two others is a merge, in the order of the scores.
    /// </summary>
    /// <param name="pieces">Piece and score by id.</param>
    /// <param name="isLeftOut">Whether an id is no piece at all.</param>
    /// <exception cref="InvalidDataException">A piece stands twice, or has no score that can be compared.</exception>
    internal static (JsonObject Vocabulary, JsonArray Merges) ToBpe(IReadOnlyList<(string Piece, float Score)> pieces, Func<int, bool> isLeftOut)
    {
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int id = 0; id < pieces.Count; id++)
        {
            if (isLeftOut(id))
                continue;
            if (!ids.TryAdd(pieces[id].Piece, id))
                throw new InvalidDataException($"the vocabulary has the piece '{pieces[id].Piece}' twice, as {ids[pieces[id].Piece]} and as {id}");
            if (float.IsNaN(pieces[id].Score))
                throw new InvalidDataException($"the piece '{pieces[id].Piece}' has the score NaN");
        }
        var lookup = ids.GetAlternateLookup<ReadOnlySpan<char>>();
        var merges = new List<(string Left, string Right, float Score)>();
        foreach (var (piece, id) in ids)
        {
            var own = new List<(int Left, int Right, int Cut)>();
            for (int cut = 1; cut < piece.Length && piece.Length <= MaxPieceLength; cut++)
            {
                if (!char.IsLowSurrogate(piece[cut]) && lookup.TryGetValue(piece.AsSpan(0, cut), out int left) && lookup.TryGetValue(piece.AsSpan(cut), out int right))
                    own.Add((left, right, cut));
            }
            merges.AddRange(own.Order().Select(split => (piece[..split.Cut], piece[split.Cut..], pieces[id].Score)));
        }
        var ordered = merges.OrderByDescending(merge => merge.Score).ThenByDescending(merge => Characters(merge.Left)).ThenByDescending(merge => Characters(merge.Right));
        return (new JsonObject(ids.Select(entry => KeyValuePair.Create(entry.Key, (JsonNode?)entry.Value))), new JsonArray([.. ordered.Select(merge => new JsonArray(merge.Left, merge.Right))]));
    }

    /// <summary>Llama 2's normalizer: blanks become ▁, and one is put in front where the model asks for it.</summary>
    internal static JsonNode Normalizer(bool addsPrefix)
    {
        var replace = new JsonObject { ["type"] = "Replace", ["pattern"] = new JsonObject { ["String"] = " " }, ["content"] = "▁" };
        return addsPrefix
            ? new JsonObject { ["type"] = "Sequence", ["normalizers"] = new JsonArray(new JsonObject { ["type"] = "Prepend", ["prepend"] = "▁" }, replace) }
            : replace;
    }

    /// <summary>Its decoder.</summary>
    internal static JsonObject Decoder(bool addsPrefix)
    {
        var steps = new JsonArray(
            new JsonObject { ["type"] = "Replace", ["pattern"] = new JsonObject { ["String"] = "▁" }, ["content"] = " " },
            new JsonObject { ["type"] = "ByteFallback" },
            new JsonObject { ["type"] = "Fuse" });
        if (addsPrefix)
            steps.Add((JsonNode)new JsonObject { ["type"] = "Strip", ["content"] = " ", ["start"] = 1, ["stop"] = 0 });
        return new JsonObject { ["type"] = "Sequence", ["decoders"] = steps };
    }

    /// <summary>A token that is found in the text before anything else.</summary>
    internal static JsonObject AddedToken(int id, string content, bool special) => new()
    {
        ["id"] = id,
        ["content"] = content,
        ["single_word"] = false,
        ["lstrip"] = false,
        ["rstrip"] = false,
        ["normalized"] = false,
        ["special"] = special,
    };

    /// <summary>What is put around a text; null where that is nothing.</summary>
    internal static JsonObject? Frame((int Id, string Text)? first, (int Id, string Text)? last)
    {
        if (first is null && last is null)
            return null;
        var special = new JsonObject();
        var (single, pair) = (new JsonArray(), new JsonArray());
        foreach (var (sequence, type) in new[] { ("A", 0), ("B", 1) })
        {
            foreach (var part in new[] { Token(first, type), new JsonObject { ["Sequence"] = new JsonObject { ["id"] = sequence, ["type_id"] = type } }, Token(last, type) })
            {
                if (part is null)
                    continue;
                if (type == 0)
                    single.Add((JsonNode)part.DeepClone());
                pair.Add((JsonNode)part);
            }
        }
        foreach (var token in new[] { first, last })
        {
            if (token is var (id, text))
                special[text] = new JsonObject { ["id"] = text, ["ids"] = new JsonArray(id), ["tokens"] = new JsonArray(text) };
        }
        return new JsonObject { ["type"] = "TemplateProcessing", ["single"] = single, ["pair"] = pair, ["special_tokens"] = special };
    }

    private static JsonObject? Token((int Id, string Text)? token, int type) =>
        token is var (_, text) ? new JsonObject { ["SpecialToken"] = new JsonObject { ["id"] = text, ["type_id"] = type } } : null;

    private static int Characters(string text) => text.Length - text.Count(char.IsLowSurrogate);
}
