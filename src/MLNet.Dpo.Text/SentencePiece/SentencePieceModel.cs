namespace MLNet.Dpo.Text.SentencePiece;

/// <summary>
/// A <c>tokenizer.model</c>: SentencePiece's protocol buffer
/// (https://github.com/google/sentencepiece/blob/master/src/sentencepiece_model.proto), as far as tokenizing needs it.
/// </summary>
internal sealed class SentencePieceModel
{
    private const int Unigram = 1;
    private const int Bpe = 2;

    /// <summary>Piece, score and kind by id.</summary>
    public List<(string Piece, float Score, PieceKind Kind)> Pieces { get; } = [];

    /// <summary>Whether pieces are joined by score (BPE), rather than a text's best split taken (unigram).</summary>
    public bool IsBpe { get; private set; }

    /// <summary>Whether characters that no piece has become bytes.</summary>
    public bool ByteFallback { get; private set; }

    /// <summary>Whether a blank is put in front of a text.</summary>
    public bool AddsDummyPrefix { get; private set; } = true;

    /// <summary>Whether blanks at the ends, and those beyond the first in a row, go.</summary>
    public bool RemovesExtraWhitespace { get; private set; } = true;

    /// <summary>The compiled table of the normalizer; empty for none.</summary>
    public byte[] CharacterMap { get; private set; } = [];

    /// <summary>The texts of the special tokens by role, as far as the model has them.</summary>
    public Dictionary<string, string> SpecialTokens { get; } = [];

    /// <summary>Reads a file's bytes.</summary>
    /// <exception cref="InvalidDataException">They are no SentencePiece model, or one of a kind that is not supported.</exception>
    public static SentencePieceModel Read(ReadOnlySpan<byte> bytes)
    {
        var model = new SentencePieceModel();
        int type = Unigram;
        var ids = new Dictionary<string, int> { ["unk_token"] = 0, ["bos_token"] = 1, ["eos_token"] = 2, ["pad_token"] = -1 };
        for (var message = new ProtoReader(bytes); message.Next(out int field, out var value);)
        {
            switch (field)
            {
                case 1: model.Pieces.Add(ReadPiece(value.Bytes)); break;
                case 2: model.ReadTrainer(value.Bytes, ref type, ids); break;
                case 3: model.ReadNormalizer(value.Bytes); break;
            }
        }
        if (model.Pieces.Count == 0)
            throw new InvalidDataException("it has no pieces; expected a SentencePiece model");
        if (type is not (Unigram or Bpe))
            throw new InvalidDataException($"its model_type is {type}; supported: 1 (unigram), 2 (BPE)");
        if (!model.Pieces.Exists(piece => piece.Kind == PieceKind.Unknown))
            throw new InvalidDataException("it has no unknown piece (type 2), which SentencePiece asks for");
        model.IsBpe = type == Bpe;
        foreach (var (role, id) in ids)
        {
            if (id >= 0 && id < model.Pieces.Count && model.Pieces[id].Kind is PieceKind.Control or PieceKind.Unknown)
                model.SpecialTokens[role] = model.Pieces[id].Piece;
        }
        return model;
    }

    private static (string Piece, float Score, PieceKind Kind) ReadPiece(ReadOnlySpan<byte> bytes)
    {
        var (piece, score, kind) = ("", 0f, PieceKind.Normal);
        for (var message = new ProtoReader(bytes); message.Next(out int field, out var value);)
        {
            switch (field)
            {
                case 1: piece = value.Text; break;
                case 2: score = value.Single; break;
                case 3: kind = (PieceKind)value.Int; break;
            }
        }
        if (piece.Length == 0 || !float.IsFinite(score) || !Enum.IsDefined(kind))
            throw new InvalidDataException($"it has the piece '{piece}' of score {score} and type {(int)kind}; expected a text, a finite score and a type from 1 to 6");
        return (piece, score, kind);
    }

    private void ReadTrainer(ReadOnlySpan<byte> bytes, ref int type, Dictionary<string, int> ids)
    {
        for (var message = new ProtoReader(bytes); message.Next(out int field, out var value);)
        {
            switch (field)
            {
                case 3: type = value.Int; break;
                case 24 when value.Int != 0: throw new InvalidDataException("its treat_whitespace_as_suffix is true; supported: false");
                case 35: ByteFallback = value.Int != 0; break;
                case 40: ids["unk_token"] = value.Int; break;
                case 41: ids["bos_token"] = value.Int; break;
                case 42: ids["eos_token"] = value.Int; break;
                case 43: ids["pad_token"] = value.Int; break;
            }
        }
    }

    private void ReadNormalizer(ReadOnlySpan<byte> bytes)
    {
        for (var message = new ProtoReader(bytes); message.Next(out int field, out var value);)
        {
            switch (field)
            {
                case 2: CharacterMap = value.Bytes.ToArray(); break;
                case 3: AddsDummyPrefix = value.Int != 0; break;
                case 4: RemovesExtraWhitespace = value.Int != 0; break;
                case 5 when value.Int == 0: throw new InvalidDataException("its escape_whitespaces is false; supported: true");
            }
        }
    }
}
