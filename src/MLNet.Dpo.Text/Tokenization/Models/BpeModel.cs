using System.Buffers;
using System.Globalization;
using System.Text;

namespace MLNet.Dpo.Text.Tokenization.Models;

/// <summary>A merge of two tokens: its rank (the smallest goes first) and the id of the result.</summary>
internal readonly record struct Merge(int Rank, int Id);

/// <summary>How a <see cref="BpeModel"/> treats characters that its vocabulary lacks, and the ends of words.</summary>
internal sealed record BpeOptions
{
    public int? UnknownId { get; init; }

    public bool FuseUnknown { get; init; }

    public bool ByteFallback { get; init; }

    /// <summary>A piece that is in the vocabulary as a whole is one token, whatever the merges say.</summary>
    public bool IgnoreMerges { get; init; }

    public string ContinuingSubwordPrefix { get; init; } = "";

    public string EndOfWordSuffix { get; init; } = "";
}

/// <summary>Byte-pair encoding: a piece's characters, joined pair by pair in the order of the merges' ranks, leftmost first.</summary>
internal sealed class BpeModel : ITokenModel
{
    private const char SpaceMark = '\u2581';
    private readonly Dictionary<long, Merge> _merges;
    private readonly BpeOptions _options;
    private readonly Dictionary<int, int> _characters = [];
    private readonly int[] _byteTokens = new int[256];
    private readonly bool _hasAffixes;
    private readonly bool _splitsAtSpaceMark;
    private readonly HashSet<char> _joinedToSpaceMark = [];
    private readonly WordCache _cache = new();

    public BpeModel(Vocabulary vocabulary, Dictionary<long, Merge> merges, BpeOptions options)
    {
        Vocabulary = vocabulary;
        _merges = merges;
        _options = options;
        _hasAffixes = options.ContinuingSubwordPrefix.Length + options.EndOfWordSuffix.Length > 0;
        foreach (var (token, id) in vocabulary.Entries)
        {
            if (Rune.TryGetRuneAt(token.Length > 0 ? token : "\uD800", 0, out var rune) && rune.Utf16SequenceLength == token.Length)
                _characters[rune.Value] = id;
            for (int mark = token.IndexOf(SpaceMark, Math.Min(1, token.Length)); mark > 0; mark = token.IndexOf(SpaceMark, mark + 1))
                _joinedToSpaceMark.Add(token[mark - 1]);
        }
        _splitsAtSpaceMark = !_hasAffixes && vocabulary.TryGetId([SpaceMark], out _);
        for (int value = 0; value < 256; value++)
            _byteTokens[value] = options.ByteFallback && vocabulary.TryGetId(string.Create(CultureInfo.InvariantCulture, $"<0x{value:X2}>"), out int id) ? id : -1;
    }

    public Vocabulary Vocabulary { get; }

    public static long Pair(int left, int right) => ((long)left << 32) | (uint)right;

    /// <summary>
    /// A whole text in one piece (SentencePiece's) is tokenized word by word, and words are cached: before a ▁ where no token of the vocabulary holds
    /// the two characters side by side, no merge can join them, so the result is the same.
    /// </summary>
    public void Tokenize(ReadOnlySpan<char> piece, List<ModelToken> tokens)
    {
        while (_splitsAtSpaceMark && WordEnd(piece) is var end && end < piece.Length)
        {
            TokenizeWord(piece[..end], tokens);
            piece = piece[end..];
        }
        TokenizeWord(piece, tokens);
    }

    /// <summary>The first ▁ that no token joins to the character before it; the length where there is none.</summary>
    private int WordEnd(ReadOnlySpan<char> text)
    {
        for (int at = 1; at < text.Length; at++)
        {
            int skip = text[at..].IndexOf(SpaceMark);
            if (skip < 0)
                break;
            at += skip;
            if (!_joinedToSpaceMark.Contains(text[at - 1]))
                return at;
        }
        return text.Length;
    }

    private void TokenizeWord(ReadOnlySpan<char> piece, List<ModelToken> tokens)
    {
        if (_cache.TryGet(piece, out var known))
        {
            tokens.AddRange(known);
            return;
        }

        int first = tokens.Count;
        if (_options.IgnoreMerges && Vocabulary.TryGetId(piece, out int id))
            tokens.Add(new ModelToken(id, piece.Length));
        else
            Merge(piece, tokens);
        _cache.Add(piece, tokens, first);
    }

    private void Merge(ReadOnlySpan<char> piece, List<ModelToken> tokens)
    {
        var symbols = new BpeSymbols(_merges, ArrayPool<BpeSymbol>.Shared.Rent(piece.Length * (_options.ByteFallback ? 3 : 1) + 1));
        try
        {
            AddCharacters(piece, ref symbols);
            symbols.MergeAll();
            symbols.CopyTo(tokens);
        }
        finally
        {
            ArrayPool<BpeSymbol>.Shared.Return(symbols.Buffer);
        }
    }

    private void AddCharacters(ReadOnlySpan<char> piece, ref BpeSymbols symbols)
    {
        int unknownLength = 0;
        for (int i = 0; i < piece.Length;)
        {
            var rune = UnicodeClasses.RuneAt(piece, i, out int length);
            if (TryGetCharacter(rune, i == 0, i + length == piece.Length, out int id))
            {
                FlushUnknown(ref symbols, ref unknownLength);
                symbols.Add(id, length);
            }
            else if (!TryAddBytes(rune, length, ref symbols, ref unknownLength) && _options.UnknownId is not null)
            {
                if (!_options.FuseUnknown)
                    FlushUnknown(ref symbols, ref unknownLength);
                unknownLength += length;
            }
            i += length;
        }
        FlushUnknown(ref symbols, ref unknownLength);
    }

    private bool TryGetCharacter(Rune rune, bool isFirst, bool isLast, out int id)
    {
        if (!_hasAffixes)
            return _characters.TryGetValue(rune.Value, out id);
        string text = (isFirst ? "" : _options.ContinuingSubwordPrefix) + rune + (isLast ? _options.EndOfWordSuffix : "");
        return Vocabulary.TryGetId(text, out id);
    }

    /// <summary>Adds the tokens of a character's UTF-8 bytes; the first one covers the character. False where one of them is missing.</summary>
    private bool TryAddBytes(Rune rune, int length, ref BpeSymbols symbols, ref int unknownLength)
    {
        if (!_options.ByteFallback)
            return false;
        Span<byte> utf8 = stackalloc byte[4];
        utf8 = utf8[..rune.EncodeToUtf8(utf8)];
        foreach (byte value in utf8)
        {
            if (_byteTokens[value] < 0)
                return false;
        }

        FlushUnknown(ref symbols, ref unknownLength);
        for (int i = 0; i < utf8.Length; i++)
            symbols.Add(_byteTokens[utf8[i]], i == 0 ? length : 0);
        return true;
    }

    private void FlushUnknown(ref BpeSymbols symbols, ref int unknownLength)
    {
        if (unknownLength > 0)
            symbols.Add(_options.UnknownId!.Value, unknownLength);
        unknownLength = 0;
    }
}
