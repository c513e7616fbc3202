using System.Runtime.InteropServices;
using System.Text;

namespace MLNet.Dpo.Text.Tokenization.Decoders;

/// <summary>From the byte alphabet to text; each maximal invalid part of the UTF-8 becomes one U+FFFD.</summary>
internal sealed class ByteLevelDecoder : ITokenDecoder
{
    public List<string> Decode(List<string> tokens)
    {
        var bytes = new List<byte>();
        foreach (string token in tokens)
            ByteAlphabet.Decode(token, bytes);
        return [Encoding.UTF8.GetString(CollectionsMarshal.AsSpan(bytes))];
    }
}
