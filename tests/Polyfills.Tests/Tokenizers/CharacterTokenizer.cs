using System.Buffers;
using Microsoft.ML.Tokenizers;

namespace Polyfills.Tests.Tokenizers;

/// <summary>One token a character, its code the id; implements the two abstract members alone.</summary>
internal sealed class CharacterTokenizer : Tokenizer
{
    public EncodeSettings LastSettings { get; private set; }

    public override OperationStatus Decode(IEnumerable<int> ids, Span<char> destination, out int idsConsumed, out int charsWritten)
    {
        (idsConsumed, charsWritten) = (0, 0);
        foreach (int id in ids)
        {
            if (id < 0)
                return OperationStatus.InvalidData;
            if (charsWritten == destination.Length)
                return OperationStatus.DestinationTooSmall;
            destination[charsWritten++] = (char)id;
            idsConsumed++;
        }
        return OperationStatus.Done;
    }

    protected override EncodeResults<EncodedToken> EncodeToTokens(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings)
    {
        LastSettings = settings;
        string given = text ?? textSpan.ToString();
        var tokens = given.Take(settings.MaxTokenCount).Select((c, i) => new EncodedToken(c, c.ToString(), i..(i + 1))).ToArray();
        return new EncodeResults<EncodedToken> { Tokens = tokens, CharsConsumed = tokens.Length };
    }
}
