
namespace MLNet.Dpo.Text.Tokenization.Decoders;

/// <summary>BERT's: tokens with the prefix continue the word, others begin one after a blank; optionally blanks before punctuation go.</summary>
internal sealed class WordPieceDecoder(string prefix, bool cleanup) : ITokenDecoder
{
    private static readonly (string From, string To)[] CleanUps =
    [
        (" .", "."), (" ?", "?"), (" !", "!"), (" ,", ","), (" ' ", "'"), (" n't", "n't"), (" 'm", "'m"), (" do not", " don't"), (" 's", "'s"), (" 've", "'ve"), (" 're", "'re"),
    ];

    public List<string> Decode(List<string> tokens) => [.. tokens.Select(DecodeToken)];

    private string DecodeToken(string token, int index)
    {
        if (index > 0)
            token = token.StartsWith(prefix, StringComparison.Ordinal) ? token[prefix.Length..] : " " + token;
        if (!cleanup)
            return token;
        foreach (var (from, to) in CleanUps)
            token = token.Replace(from, to, StringComparison.Ordinal);
        return token;
    }
}
