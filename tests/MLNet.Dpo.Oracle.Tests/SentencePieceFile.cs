using System.Text;
using System.Text.Json.Nodes;

namespace MLNet.Dpo.Tests;

/// <summary>Writes SentencePiece's protocol buffer, so that there are files of it whose tokenizer.json is known.</summary>
internal static class SentencePieceFile
{
    /// <summary>The tokenizer.model that a tokenizer.json of Llama's kind, or of a unigram model, could have been converted from.</summary>
    internal static byte[] Of(JsonObject tokenizer, bool dummyPrefix, bool removeExtra)
    {
        var model = tokenizer["model"]!.AsObject();
        var isBpe = model.ContainsKey("merges");
        var special = tokenizer["added_tokens"]!.AsArray().ToDictionary(token => token!["id"]!.GetValue<int>(), token => token!["special"]!.GetValue<bool>());
        using var stream = new MemoryStream();
        foreach (var (piece, score, id) in isBpe ? Bpe(model) : Unigram(model))
        {
            var unknown = isBpe ? piece == model["unk_token"]!.GetValue<string>() : id == model["unk_id"]!.GetValue<int>();
            var kind = unknown ? 2 : special.TryGetValue(id, out var isSpecial) ? isSpecial ? 3 : 4 : piece is ['<', '0', 'x', _, _, '>'] ? 6 : 1;
            var text = Encoding.UTF8.GetBytes(piece);
            Field(stream, 1, [0x0A, .. Varint(text.Length), .. text, 0x15, .. BitConverter.GetBytes(score), 0x18, (byte)kind]);
        }
        Field(stream, 2, [0x18, (byte)(isBpe ? 2 : 1), 0x98, 0x02, (byte)(model["byte_fallback"]!.GetValue<bool>() ? 1 : 0)]);
        Field(stream, 3, [0x18, (byte)(dummyPrefix ? 1 : 0), 0x20, (byte)(removeExtra ? 1 : 0), 0x28, 1]);
        return stream.ToArray();
    }

    private static IEnumerable<(string Piece, float Score, int Id)> Bpe(JsonObject model)
    {
        var rank = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var merge in model["merges"]!.AsArray())
            rank.TryAdd(merge is JsonArray pair ? pair[0]!.GetValue<string>() + pair[1]!.GetValue<string>() : string.Concat(merge!.GetValue<string>().Split(' ')), rank.Count);
        return model["vocab"]!.AsObject().Select(entry => (entry.Key, (float)-rank.GetValueOrDefault(entry.Key, rank.Count), entry.Value!.GetValue<int>())).OrderBy(entry => entry.Item3);
    }

    private static IEnumerable<(string Piece, float Score, int Id)> Unigram(JsonObject model) =>
        model["vocab"]!.AsArray().Select((entry, id) => (entry![0]!.GetValue<string>(), (float)entry[1]!.GetValue<double>(), id));

    private static void Field(MemoryStream stream, int number, byte[] bytes) => stream.Write([(byte)((number << 3) | 2), .. Varint(bytes.Length), .. bytes]);

    private static byte[] Varint(int number)
    {
        var bytes = new List<byte>();
        for (; number >= 0x80; number >>= 7) bytes.Add((byte)(number | 0x80));
        return [.. bytes, (byte)number];
    }
}
