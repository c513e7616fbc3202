namespace Microsoft.ML.Tokenizers;

/// <summary>What an encoding gave: tokens (or ids), the normalized text, and how far the text was read.</summary>
public struct EncodeResults<T>
{
    /// <summary>The tokens or ids, in the order of the text.</summary>
    public IReadOnlyList<T> Tokens { get; set; }

    /// <summary>The text after normalization; null where nothing was normalized.</summary>
    public string? NormalizedText { get; set; }

    /// <summary>How many characters of the (normalized) text the tokens cover.</summary>
    public int CharsConsumed { get; set; }
}
