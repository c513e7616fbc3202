using System.Text.Json;

namespace MLNet.Dpo.Text.Tokenization.Models;

/// <summary>One token a piece: the piece itself, or the unknown token.</summary>
internal sealed class WordLevelModel(Vocabulary vocabulary, int? unknownId) : ITokenModel
{
    public Vocabulary Vocabulary => vocabulary;

    public static WordLevelModel Read(JsonElement json)
    {
        var vocabulary = Vocabulary.Read(json);
        return new WordLevelModel(vocabulary, json.OptionalString("unk_token") is { } token && vocabulary.TryGetId(token, out int id) ? id : null);
    }

    public void Tokenize(ReadOnlySpan<char> piece, List<ModelToken> tokens)
    {
        if (vocabulary.TryGetId(piece, out int id))
            tokens.Add(new ModelToken(id, piece.Length));
        else if (unknownId is { } unknown)
            tokens.Add(new ModelToken(unknown, piece.Length));
        else
            throw new InvalidDataException($"The word \"{piece}\" is not in the tokenizer's vocabulary, which has no unknown token (unk_token); add one to tokenizer.json.");
    }
}
