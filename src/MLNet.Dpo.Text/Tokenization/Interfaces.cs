
namespace MLNet.Dpo.Text.Tokenization;

/// <summary>A step that rewrites text before it is split.</summary>
internal interface ITextNormalizer
{
    /// <summary>The rewritten piece; <paramref name="track"/> says whether its sources are wanted.</summary>
    Piece Normalize(Piece piece, bool track);
}

/// <summary>A step that splits text into the pieces that the model sees one by one.</summary>
internal interface ITextSplitter
{
    /// <summary>Adds the parts of <paramref name="piece"/> to <paramref name="parts"/>; empty ones are left out by the caller.</summary>
    void Split(Piece piece, List<Piece> parts, bool track);
}

/// <summary>A token that the model found: its id and how many characters of the piece it covers.</summary>
internal readonly record struct ModelToken(int Id, int Length);

/// <summary>The vocabulary and the way a piece of text becomes tokens of it. Safe for use by several threads.</summary>
internal interface ITokenModel
{
    /// <summary>Adds the tokens of one piece.</summary>
    void Tokenize(ReadOnlySpan<char> piece, List<ModelToken> tokens);

    /// <summary>The vocabulary.</summary>
    Vocabulary Vocabulary { get; }
}

/// <summary>A step from token strings to text.</summary>
internal interface ITokenDecoder
{
    /// <summary>Rewrites the strings; their concatenation is the text.</summary>
    List<string> Decode(List<string> tokens);

    /// <summary>Whether it is, or has among its steps, one of a kind.</summary>
    bool Contains<T>() where T : ITokenDecoder => this is T;
}
