using System.Text.Json;

namespace MLNet.Dpo.Text.Tokenization.Models;

/// <summary>BERT's: the longest token that begins the word, then the longest that continues it, ...; the unknown token where that fails.</summary>
internal sealed class WordPieceModel(Vocabulary vocabulary, int unknownId, string prefix, int maxCharacters) : ITokenModel
{
    private const int MaxCharacters = 1000;
    private readonly int _longest = vocabulary.Entries.Select(entry => entry.Key.Length).DefaultIfEmpty().Max();

    public Vocabulary Vocabulary => vocabulary;

    public static WordPieceModel Read(JsonElement json)
    {
        var vocabulary = Vocabulary.Read(json);
        string unknown = json.OptionalString("unk_token") ?? "[UNK]";
        if (!vocabulary.TryGetId(unknown, out int id))
            throw new InvalidDataException($"tokenizer.json: WordPiece's unk_token \"{unknown}\" is not in its vocabulary; add it.");
        int most = json.Integer("max_input_chars_per_word", 100);
        if (most > MaxCharacters)
            throw new InvalidDataException($"tokenizer.json: WordPiece's max_input_chars_per_word is {most}; expected at most {MaxCharacters} (BERT's is 100), since a word takes time that grows with its square.");
        return new WordPieceModel(vocabulary, id, json.OptionalString("continuing_subword_prefix") ?? "##", most);
    }

    public void Tokenize(ReadOnlySpan<char> piece, List<ModelToken> tokens)
    {
        int characters = 0, first = tokens.Count;
        foreach (var _ in piece.EnumerateRunes())
            characters++;

        for (int start = 0; start < piece.Length;)
        {
            int end = characters <= maxCharacters ? LongestFrom(piece, start, out int id) : Fail(out id);
            if (end < 0)
            {
                tokens.RemoveRange(first, tokens.Count - first);
                tokens.Add(new ModelToken(unknownId, piece.Length));
                return;
            }
            tokens.Add(new ModelToken(id, end - start));
            start = end;
        }
    }

    private static int Fail(out int id) => id = -1;

    /// <summary>The end of the longest token at <paramref name="start"/>; -1 where there is none.</summary>
    private int LongestFrom(ReadOnlySpan<char> piece, int start, out int id)
    {
        string lead = start > 0 ? prefix : "";
        int affix = lead.Length, last = Math.Min(piece.Length, start + Math.Max(0, _longest - affix));
        char[] candidate = [.. lead, .. piece[start..last]];
        for (int end = last; end > start; end--)
        {
            if (vocabulary.TryGetId(candidate.AsSpan(0, affix + end - start), out id))
                return end;
        }
        return Fail(out id);
    }
}
