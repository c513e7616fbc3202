using System.Text.Json;
using MLNet.Dpo.Text.Tokenization.Decoders;
using MLNet.Dpo.Text.Tokenization.Models;
using MLNet.Dpo.Text.Tokenization.Normalizers;
using MLNet.Dpo.Text.Tokenization.PostProcessors;
using MLNet.Dpo.Text.Tokenization.PreTokenizers;

namespace MLNet.Dpo.Text.Tokenization;

/// <summary>
/// The way of a text through tokenizer.json's parts: added tokens are cut out, the rest is normalized, split and given to the model; and back through
/// the decoder. Safe for use by several threads.
/// </summary>
internal sealed class TokenizerPipeline
{
    private readonly ITextNormalizer? _normalizer;
    private readonly ITextSplitter? _splitter;
    private readonly ITokenModel _model;
    private readonly ITokenDecoder? _decoder;
    private readonly AddedTokenFinder _rawTokens;
    private readonly AddedTokenFinder _normalizedTokens;
    private readonly Lazy<TextBetween> _between;
    private readonly Dictionary<int, AddedToken> _addedById = [];
    private readonly Dictionary<string, int> _addedByContent = new(StringComparer.Ordinal);

    private TokenizerPipeline(JsonElement json)
    {
        _model = ModelReader.Read(json.Required("model", JsonValueKind.Object));
        _normalizer = json.Optional("normalizer") is { } normalizer ? NormalizerReader.Read(normalizer) : null;
        _splitter = json.Optional("pre_tokenizer") is { } splitter ? SplitterReader.Read(splitter) : null;
        _decoder = json.Optional("decoder") is { } decoder ? DecoderReader.Read(decoder) : null;
        SpecialTokens = json.Optional("post_processor") is { } processor ? SpecialTokenFrame.Read(processor) : SpecialTokenFrame.Empty;

        foreach (var item in json.Optional("added_tokens")?.EnumerateArray().ToArray() ?? [])
        {
            var token = AddedToken.Read(item);
            if (token.Id < 0)
                throw new InvalidDataException($"tokenizer.json: the added token {token.Content} has the id {token.Id}; expected an integer from 0.");
            Vocabulary.CheckId(token.Id, _model.Vocabulary.Count);
            _addedById[token.Id] = token;
            _addedByContent[token.Content] = token.Id;
        }
        _between = new(() => new TextBetween(ids => Decode(ids, skipSpecialTokens: false), IdOf("a") is { } letter ? [letter] : []));
        var raw = _addedById.Values.Where(token => !token.Normalized || _normalizer is null);
        var normalized = _addedById.Values.Where(token => token.Normalized && _normalizer is not null);
        _rawTokens = new AddedTokenFinder(raw, token => token.Content);
        _normalizedTokens = new AddedTokenFinder(normalized, token => Normalized(token.Content));
    }

    public SpecialTokenFrame SpecialTokens { get; }

    /// <summary>The texts of the added tokens that are marked special.</summary>
    public IEnumerable<string> SpecialTexts => _addedById.Values.Where(token => token.Special).Select(token => token.Content);

    public int MaxId => Math.Max(_model.Vocabulary.MaxId, _addedById.Keys.DefaultIfEmpty(-1).Max());

    /// <summary>Reads tokenizer.json.</summary>
    public static TokenizerPipeline Read(ReadOnlyMemory<byte> tokenizerJson) => JsonReading.ReadFile(tokenizerJson, "tokenizer.json", json => new TokenizerPipeline(json));

    /// <summary>Adds the ids of a text and, where <paramref name="sources"/> is given, the characters that each covers.</summary>
    /// <param name="text">The text.</param>
    /// <param name="ids">What the ids are added to.</param>
    /// <param name="sources">What the characters of each are added to; null where nobody asks.</param>
    /// <param name="isContent">Characters with which a special token is ordinary text, <c>[characters]</c>; null for none.</param>
    public void Encode(string text, List<int> ids, List<SourceSpan>? sources, bool[]? isContent = null)
    {
        text = UnicodeClasses.ReplaceLoneSurrogates(text);
        var run = new Run(ids, sources, isContent);
        var input = new Piece(text, 0, text.Length, null, AtStart: true);
        ForEachStretch(_rawTokens, input, run, piece =>
        {
            piece = _normalizer?.Normalize(piece, run.Track) ?? piece;
            ForEachStretch(_normalizedTokens, piece, run, part => EncodePlain(part, run));
        });
    }

    /// <summary>The text of ids; unknown ids are left out, and special tokens too where asked.</summary>
    public string Decode(IEnumerable<int> ids, bool skipSpecialTokens)
    {
        var tokens = new List<string>();
        foreach (int id in ids)
        {
            if (TokenOf(id) is { } token && !(skipSpecialTokens && IsSpecial(id)))
                tokens.Add(token);
        }
        return _decoder is null ? string.Join(' ', tokens) : string.Concat(_decoder.Decode(tokens));
    }

    /// <summary>Whether the decoder reads an id as one byte of a run of such.</summary>
    public bool IsByte(int id) => _decoder?.Contains<ByteFallbackDecoder>() == true && TokenOf(id) is { } token && ByteFallbackDecoder.IsByte(token, out _);

    /// <summary>The bytes that an id adds to a text, between others; none for an id that no token has.</summary>
    public byte[] BytesOf(int id)
    {
        if (TokenOf(id) is not { } token)
            return [];
        if (_decoder?.Contains<ByteFallbackDecoder>() == true && ByteFallbackDecoder.IsByte(token, out byte value))
            return [value];
        if (_decoder?.Contains<ByteLevelDecoder>() != true)
            return _between.Value.Of(id);
        var bytes = new List<byte>();
        ByteAlphabet.Decode(token, bytes);
        return [.. bytes];
    }

    public string? TokenOf(int id) => _addedById.TryGetValue(id, out var token) ? token.Content : _model.Vocabulary.TokenOf(id);

    public int? IdOf(string token) =>
        _addedByContent.TryGetValue(token, out int added) ? added : _model.Vocabulary.TryGetId(token, out int id) ? id : null;

    public bool IsSpecial(int id) => _addedById.TryGetValue(id, out var token) && token.Special;

    private static void ForEachStretch(AddedTokenFinder finder, Piece piece, Run run, Action<Piece> encode)
    {
        if (piece.Length == 0)
            return;
        if (finder.IsEmpty)
        {
            encode(piece);
            return;
        }
        Func<AddedToken, int, int, bool>? isText = run.Protects ? (token, from, to) => token.Special && run.IsContent(piece, from, to - from) : null;
        foreach (var (id, start, end) in finder.Split(piece.Span, isText))
        {
            if (id < 0)
                encode(piece.Slice(start, end - start));
            else
                run.Add(id, piece, start, end - start);
        }
    }

    private void EncodePlain(Piece piece, Run run)
    {
        run.Parts.Clear();
        if (_splitter is null)
            run.Parts.Add(piece);
        else
            _splitter.Split(piece, run.Parts, run.Track);

        foreach (var part in run.Parts)
        {
            if (part.Length > 0)
                EncodePart(part, run);
        }
    }

    private void EncodePart(Piece part, Run run)
    {
        run.Tokens.Clear();
        _model.Tokenize(part.Span, run.Tokens);
        if (run.Protects && CutsIn(part, run) is { Count: > 0 } cuts)
        {
            int from = 0;
            foreach (int cut in cuts.Append(part.Length))
            {
                if (cut > from)
                    EncodePart(part.Slice(from, cut - from), run);
                from = cut;
            }
            return;
        }
        int at = 0;
        foreach (var token in run.Tokens)
        {
            run.Add(token.Id, part, at, token.Length);
            at += token.Length;
        }
    }

    /// <summary>Behind the first character of each special token that the model has made of a text that is none: vocabularies may hold them as words.</summary>
    private List<int> CutsIn(Piece part, Run run)
    {
        var cuts = new List<int>();
        int at = 0;
        foreach (var token in run.Tokens)
        {
            if (token.Length > 1 && IsSpecial(token.Id) && _addedById[token.Id].Content == part.Span.Slice(at, token.Length).ToString() && run.IsContent(part, at, token.Length))
                cuts.Add(at + 1);
            at += token.Length;
        }
        return cuts;
    }

    private string Normalized(string content) =>
        _normalizer!.Normalize(new Piece(content, 0, content.Length, null, AtStart: true), track: false).Span.ToString();

    /// <summary>The state of one encoding.</summary>
    private sealed class Run(List<int> ids, List<SourceSpan>? sources, bool[]? isContent)
    {
        public bool Track { get; } = sources is not null || isContent is not null;

        public bool Protects => isContent is not null;

        /// <summary>Whether a stretch holds a character of the content's own.</summary>
        public bool IsContent(Piece piece, int index, int length)
        {
            var source = piece.SourceOf(index, length);
            return isContent.AsSpan(source.Start, source.End - source.Start).Contains(true);
        }

        public List<Piece> Parts { get; } = [];

        public List<ModelToken> Tokens { get; } = [];

        public void Add(int id, Piece piece, int index, int length)
        {
            ids.Add(id);
            sources?.Add(piece.SourceOf(index, length));
        }
    }
}
