namespace Microsoft.ML.Tokenizers;

/// <summary>How a text is encoded.</summary>
public struct EncodeSettings
{
    /// <summary>Settings without normalization and pre-tokenization, and without a limit on tokens.</summary>
    public EncodeSettings() => MaxTokenCount = int.MaxValue;

    /// <summary>Whether the text is normalized first.</summary>
    public bool ConsiderNormalization { get; set; }

    /// <summary>Whether the text is split by the pre-tokenizer first.</summary>
    public bool ConsiderPreTokenization { get; set; }

    /// <summary>The largest number of tokens to give; <see cref="int.MaxValue"/> by default.</summary>
    public int MaxTokenCount { get; set; }
}
