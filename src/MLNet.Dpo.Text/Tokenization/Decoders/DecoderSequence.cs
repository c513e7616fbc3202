
namespace MLNet.Dpo.Text.Tokenization.Decoders;

/// <summary>Decoders one after the other.</summary>
internal sealed class DecoderSequence(ITokenDecoder[] steps) : ITokenDecoder
{
    public bool Contains<T>() where T : ITokenDecoder => steps.Any(step => step.Contains<T>());

    public List<string> Decode(List<string> tokens)
    {
        foreach (var step in steps)
            tokens = step.Decode(tokens);
        return tokens;
    }
}
