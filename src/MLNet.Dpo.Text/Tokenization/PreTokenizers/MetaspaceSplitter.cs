using System.Text.Json;
using MLNet.Dpo.Text.Tokenization.Normalizers;
using MLNet.Dpo.Text.Tokenization.Patterns;

namespace MLNet.Dpo.Text.Tokenization.PreTokenizers;

/// <summary>When the replacement is put before a text that does not begin with it.</summary>
internal enum PrependScheme
{
    /// <summary>Never.</summary>
    Never,

    /// <summary>At the beginning of the input alone.</summary>
    First,

    /// <summary>Before every stretch between added tokens.</summary>
    Always,
}

/// <summary>SentencePiece's: blanks become ▁, and each word begins with one.</summary>
internal sealed class MetaspaceSplitter(char replacement, PrependScheme scheme, bool split) : ITextSplitter
{
    private readonly ReplaceNormalizer _blanks = new(TextPattern.Of(" "), replacement.ToString());
    private readonly TextPattern _replacement = TextPattern.Of(replacement.ToString());

    public static MetaspaceSplitter Read(JsonElement json) => new(ReadReplacement(json), ReadScheme(json), json.Flag("split", true));

    public static char ReadReplacement(JsonElement json)
    {
        string replacement = json.RequiredString("replacement");
        return replacement.Length == 1
            ? replacement[0]
            : throw new InvalidDataException($"tokenizer.json: Metaspace has the replacement \"{replacement}\"; expected one character.");
    }

    public static PrependScheme ReadScheme(JsonElement json) => json.OptionalString("prepend_scheme") switch
    {
        "always" => PrependScheme.Always,
        "first" => PrependScheme.First,
        "never" => PrependScheme.Never,
        null => json.Flag("add_prefix_space", true) ? PrependScheme.Always : PrependScheme.Never,
        var other => throw new InvalidDataException($"tokenizer.json: the prepend_scheme \"{other}\" is unknown; expected always, first or never."),
    };

    public void Split(Piece piece, List<Piece> parts, bool track)
    {
        piece = _blanks.Normalize(piece, track);
        bool prepends = scheme == PrependScheme.Always || scheme == PrependScheme.First && piece.AtStart;
        if (prepends && !(piece.Length > 0 && piece.Span[0] == replacement))
            piece = PrependNormalizer.Prepend(piece, replacement.ToString(), track);
        if (split)
            SplitBehavior.MergedWithNext.Split(piece, _replacement.Matches(piece.Span), invert: false, parts);
        else
            parts.Add(piece);
    }
}
