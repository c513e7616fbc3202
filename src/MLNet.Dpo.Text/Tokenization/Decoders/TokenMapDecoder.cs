
namespace MLNet.Dpo.Text.Tokenization.Decoders;

/// <summary>Rewrites each token for itself, knowing its index and how many there are.</summary>
internal sealed class TokenMapDecoder(Func<string, int, int, string> map) : ITokenDecoder
{
    public List<string> Decode(List<string> tokens) => [.. tokens.Select((token, index) => map(token, index, tokens.Count))];
}
