using System.Text.Json;

namespace MLNet.Dpo.Text.Tokenization.Models;

/// <summary>Reads a BPE model: its vocabulary, and its merges as pairs or as strings with one blank.</summary>
internal static class BpeReader
{
    public static BpeModel Read(JsonElement json)
    {
        if (json.Optional("dropout") is { ValueKind: JsonValueKind.Number } dropout && dropout.GetDouble() > 0)
            throw new InvalidDataException($"tokenizer.json: BPE has dropout {dropout}, which makes ids random; set it to null.");

        var vocabulary = Vocabulary.Read(json);
        var options = new BpeOptions
        {
            UnknownId = UnknownId(json, vocabulary),
            FuseUnknown = json.Flag("fuse_unk"),
            ByteFallback = json.Flag("byte_fallback"),
            IgnoreMerges = json.Flag("ignore_merges"),
            ContinuingSubwordPrefix = json.OptionalString("continuing_subword_prefix") ?? "",
            EndOfWordSuffix = json.OptionalString("end_of_word_suffix") ?? "",
        };
        return new BpeModel(vocabulary, ReadMerges(json, vocabulary, options.ContinuingSubwordPrefix.Length), options);
    }

    private static int? UnknownId(JsonElement json, Vocabulary vocabulary)
    {
        if (json.OptionalString("unk_token") is not { } token)
            return null;
        return vocabulary.TryGetId(token, out int id)
            ? id
            : throw new InvalidDataException($"tokenizer.json: BPE's unk_token \"{token}\" is not in its vocabulary; add it or set unk_token to null.");
    }

    private static Dictionary<long, Merge> ReadMerges(JsonElement json, Vocabulary vocabulary, int prefixLength)
    {
        var array = json.Required("merges", JsonValueKind.Array);
        var merges = new Dictionary<long, Merge>(array.GetArrayLength());
        int rank = 0;
        foreach (var item in array.EnumerateArray())
        {
            var (left, right) = ReadPair(item, rank);
            // The result is the two joined, the right one without its continuation prefix.
            string result = left + (prefixLength > 0 && right.Length >= prefixLength ? right[prefixLength..] : right);
            if (!vocabulary.TryGetId(left, out int leftId) || !vocabulary.TryGetId(right, out int rightId) || !vocabulary.TryGetId(result, out int id))
                throw new InvalidDataException($"tokenizer.json: merge {rank} ({left} {right}) has a part or a result that is not in the vocabulary.");
            merges[BpeModel.Pair(leftId, rightId)] = new Merge(rank++, id);
        }
        return merges;
    }

    private static (string Left, string Right) ReadPair(JsonElement item, int rank)
    {
        if (item.ValueKind == JsonValueKind.Array && item.GetArrayLength() == 2
            && item[0].ValueKind == JsonValueKind.String && item[1].ValueKind == JsonValueKind.String)
            return (item[0].GetString()!, item[1].GetString()!);

        string[] parts = item.ValueKind == JsonValueKind.String ? item.GetString()!.Split(' ') : [];
        return parts.Length == 2
            ? (parts[0], parts[1])
            : throw new InvalidDataException($"tokenizer.json: merge {rank} is {item.Raw()}; expected \"left right\" or [\"left\", \"right\"].");
    }
}
