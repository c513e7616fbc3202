using System.Globalization;
using System.Text;
using System.Text.Json;

namespace MLNet.Dpo.Text.Tokenization.Models;

/// <summary>SentencePiece's unigram model: the split of a piece with the highest sum of token scores (Viterbi).</summary>
internal sealed class UnigramModel : ITokenModel
{
    private const double UnknownPenalty = 10;
    private readonly double[] _scores;
    private readonly int? _unknownId;
    private readonly double _unknownScore;
    private readonly TokenTrie _trie = new();
    private readonly int[] _byteTokens = new int[256];
    private readonly bool _byteFallback;
    private readonly WordCache _cache = new();

    private UnigramModel(Vocabulary vocabulary, double[] scores, int? unknownId, bool byteFallback)
    {
        Vocabulary = vocabulary;
        _scores = scores;
        _unknownId = unknownId;
        _unknownScore = scores.DefaultIfEmpty(0).Min() - UnknownPenalty;
        foreach (var (token, id) in vocabulary.Entries)
            _trie.Add(token, id);
        for (int value = 0; value < 256; value++)
            _byteTokens[value] = vocabulary.TryGetId(string.Create(CultureInfo.InvariantCulture, $"<0x{value:X2}>"), out int id) ? id : -1;
        _byteFallback = byteFallback && !_byteTokens.Contains(-1);
    }

    public Vocabulary Vocabulary { get; }

    public static UnigramModel Read(JsonElement json)
    {
        var vocab = json.Required("vocab", JsonValueKind.Array);
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        var scores = new List<double>();
        foreach (var entry in vocab.EnumerateArray())
        {
            if (entry.ValueKind != JsonValueKind.Array || entry.GetArrayLength() != 2 || entry[0].ValueKind != JsonValueKind.String || entry[1].ValueKind != JsonValueKind.Number)
                throw new InvalidDataException($"tokenizer.json: Unigram's vocab has {entry.Raw()}; expected [\"token\", score].");
            ids[entry[0].GetString()!] = scores.Count;
            scores.Add(entry[1].GetDouble());
        }

        int? unknownId = json.Optional("unk_id") is null ? null : json.Integer("unk_id");
        if (unknownId is { } id && (id < 0 || id >= scores.Count))
            throw new InvalidDataException($"tokenizer.json: Unigram's unk_id is {id}; expected 0 to {scores.Count - 1}.");
        return new UnigramModel(new Vocabulary(ids), [.. scores], unknownId, json.Flag("byte_fallback"));
    }

    public void Tokenize(ReadOnlySpan<char> piece, List<ModelToken> tokens)
    {
        if (_cache.TryGet(piece, out var known))
        {
            tokens.AddRange(known);
            return;
        }

        int first = tokens.Count;
        foreach (var (start, end) in BestSplit(piece))
            AddToken(piece[start..end], tokens);
        _cache.Add(piece, tokens, first);
    }

    private void AddToken(ReadOnlySpan<char> text, List<ModelToken> tokens)
    {
        if (Vocabulary.TryGetId(text, out int id))
        {
            tokens.Add(new ModelToken(id, text.Length));
        }
        else if (_byteFallback)
        {
            int length = text.Length;
            foreach (byte value in Encoding.UTF8.GetBytes(text.ToArray()))
            {
                tokens.Add(new ModelToken(_byteTokens[value], length));
                length = 0;
            }
        }
        else
        {
            tokens.Add(new ModelToken(UnknownId(text), text.Length));
        }
    }

    private int UnknownId(ReadOnlySpan<char> text) => _unknownId
        ?? throw new InvalidDataException($"The text \"{text}\" is not in the tokenizer's vocabulary, which has no unknown token (unk_id); add one to tokenizer.json.");

    /// <summary>Begin and end of each token of the best split; neighbouring unknown characters are one.</summary>
    private List<(int Start, int End)> BestSplit(ReadOnlySpan<char> piece)
    {
        var best = new Node[piece.Length + 1];
        Array.Fill(best, new Node(0, -1, -1), 1, piece.Length);
        for (int start = 0; start < piece.Length;)
        {
            UnicodeClasses.RuneAt(piece, start, out int length);
            if (!Extend(piece, start, length, best))
                Improve(ref best[start + length], new Node(best[start].Score + _unknownScore, start, UnknownId(piece.Slice(start, length))));
            start += length;
        }

        var split = new List<(int Start, int End)>();
        bool afterUnknown = false;
        for (int end = piece.Length; end > 0; end = best[end].Start)
        {
            bool unknown = best[end].Id == _unknownId;
            if (unknown && afterUnknown)
                split[^1] = (best[end].Start, split[^1].End);
            else
                split.Add((best[end].Start, end));
            afterUnknown = unknown;
        }
        split.Reverse();
        return split;
    }

    /// <summary>Tries every token that begins at <paramref name="start"/>; false where none is just the one character there.</summary>
    private bool Extend(ReadOnlySpan<char> piece, int start, int length, Node[] best)
    {
        bool hasSingle = false;
        int node = 0;
        for (int end = start; end < piece.Length && _trie.TryStep(ref node, piece[end]); end++)
        {
            if (_trie.TokenAt(node) is not (>= 0 and var id))
                continue;
            Improve(ref best[end + 1], new Node(best[start].Score + _scores[id], start, id));
            hasSingle |= end + 1 - start == length;
        }
        return hasSingle;
    }

    private static void Improve(ref Node node, Node candidate)
    {
        if (node.Start < 0 || candidate.Score > node.Score)
            node = candidate;
    }

    private readonly record struct Node(double Score, int Start, int Id);
}
