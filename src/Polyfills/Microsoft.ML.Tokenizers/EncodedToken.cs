namespace Microsoft.ML.Tokenizers;

/// <summary>One token of an encoded text: its id, its string, and the characters of the text that it covers.</summary>
public readonly struct EncodedToken : IEquatable<EncodedToken>
{
    /// <summary>A token with the given id, string and range of characters.</summary>
    public EncodedToken(int id, string value, Range offset)
    {
        Id = id;
        Value = value;
        Offset = offset;
    }

    /// <summary>The token's id in the vocabulary.</summary>
    public int Id { get; }

    /// <summary>The token's string.</summary>
    public string Value { get; }

    /// <summary>The covered characters (UTF-16 units) of the text, or of the normalized text where there is one.</summary>
    public Range Offset { get; }

    /// <inheritdoc/>
    public bool Equals(EncodedToken other) => Id == other.Id && Value == other.Value && Offset.Equals(other.Offset);
}
