namespace Microsoft.ML.Tokenizers;

/// <summary>Splits a text into the pieces that are tokenized one by one.</summary>
public abstract class PreTokenizer
{
    /// <summary>Offset and length of each piece, in the order of the text.</summary>
    public abstract IEnumerable<(int Offset, int Length)> PreTokenize(string text);

    /// <summary>Offset and length of each piece, in the order of the text.</summary>
    public abstract IEnumerable<(int Offset, int Length)> PreTokenize(ReadOnlySpan<char> text);
}
