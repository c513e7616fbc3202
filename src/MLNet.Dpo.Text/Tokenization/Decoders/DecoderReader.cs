using System.Text.Json;
using MLNet.Dpo.Text.Tokenization.Patterns;
using MLNet.Dpo.Text.Tokenization.PreTokenizers;

namespace MLNet.Dpo.Text.Tokenization.Decoders;

/// <summary>Makes the decoder that tokenizer.json describes.</summary>
internal static class DecoderReader
{
    public static ITokenDecoder Read(JsonElement json) => json.RequiredString("type") switch
    {
        "Sequence" => new DecoderSequence([.. json.Required("decoders", JsonValueKind.Array).EnumerateArray().Select(Read)]),
        "ByteLevel" => new ByteLevelDecoder(),
        "ByteFallback" => new ByteFallbackDecoder(),
        "Fuse" => new FuseDecoder(),
        "Replace" => ReadReplace(json),
        "Strip" => ReadStrip(json),
        "Metaspace" => ReadMetaspace(json),
        "WordPiece" => new WordPieceDecoder(json.OptionalString("prefix") ?? "##", json.Flag("cleanup", true)),
        "BPEDecoder" => ReadSuffix(json),
        var type => throw JsonReading.Unsupported("decoder", type),
    };

    private static TokenMapDecoder ReadReplace(JsonElement json)
    {
        var pattern = TextPattern.Read(json);
        string content = json.RequiredString("content");
        return new TokenMapDecoder((token, _, _) => pattern.Replace(token, content));
    }

    private static TokenMapDecoder ReadStrip(JsonElement json)
    {
        string content = json.RequiredString("content");
        int start = json.Integer("start", 0), stop = json.Integer("stop", 0);
        if (content.Length == 0)
            throw new InvalidDataException("tokenizer.json: the Strip decoder's \"content\" is empty; expected at least one character.");
        return new TokenMapDecoder((token, _, _) =>
        {
            for (int i = 0; i < start && token.StartsWith(content, StringComparison.Ordinal); i++)
                token = token[content.Length..];
            for (int i = 0; i < stop && token.EndsWith(content, StringComparison.Ordinal); i++)
                token = token[..^content.Length];
            return token;
        });
    }

    private static TokenMapDecoder ReadMetaspace(JsonElement json)
    {
        string replacement = MetaspaceSplitter.ReadReplacement(json).ToString();
        bool prepends = MetaspaceSplitter.ReadScheme(json) != PrependScheme.Never;
        return new TokenMapDecoder((token, index, _) => token.Replace(replacement, index == 0 && prepends ? "" : " ", StringComparison.Ordinal));
    }

    private static TokenMapDecoder ReadSuffix(JsonElement json)
    {
        string suffix = json.OptionalString("suffix") ?? "</w>";
        if (suffix.Length == 0)
            throw new InvalidDataException("tokenizer.json: the BPEDecoder's \"suffix\" is empty; expected at least one character.");
        return new TokenMapDecoder((token, index, count) => token.Replace(suffix, index == count - 1 ? "" : " ", StringComparison.Ordinal));
    }
}
