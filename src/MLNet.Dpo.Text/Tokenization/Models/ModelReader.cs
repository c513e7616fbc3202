using System.Text.Json;

namespace MLNet.Dpo.Text.Tokenization.Models;

/// <summary>Makes the model that tokenizer.json describes.</summary>
internal static class ModelReader
{
    public static ITokenModel Read(JsonElement json) => (json.OptionalString("type") ?? GuessType(json)) switch
    {
        "BPE" => BpeReader.Read(json),
        "WordPiece" => WordPieceModel.Read(json),
        "WordLevel" => WordLevelModel.Read(json),
        "Unigram" => UnigramModel.Read(json),
        var type => throw JsonReading.Unsupported("model", type),
    };

    // Old files leave the type out.
    private static string GuessType(JsonElement json) =>
        json.Optional("merges") is not null ? "BPE"
        : json.Optional("unk_id") is not null ? "Unigram"
        : json.Optional("continuing_subword_prefix") is not null ? "WordPiece"
        : "WordLevel";
}
