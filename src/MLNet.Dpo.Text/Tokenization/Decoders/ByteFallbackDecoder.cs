using System.Globalization;
using System.Text;

namespace MLNet.Dpo.Text.Tokenization.Decoders;

/// <summary>Runs of byte tokens (<c>&lt;0xE4&gt;</c>) become the text that their bytes spell, or one U+FFFD a byte where they spell none.</summary>
internal sealed class ByteFallbackDecoder : ITokenDecoder
{
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    public List<string> Decode(List<string> tokens)
    {
        var output = new List<string>(tokens.Count);
        var run = new List<byte>();
        foreach (string token in tokens)
        {
            if (IsByte(token, out byte value))
            {
                run.Add(value);
                continue;
            }
            Flush(run, output);
            output.Add(token);
        }
        Flush(run, output);
        return output;
    }

    /// <summary>Whether a token stands for a byte.</summary>
    public static bool IsByte(string token, out byte value)
    {
        value = 0;
        return token.Length == 6 && token.StartsWith("<0x", StringComparison.Ordinal) && token[5] == '>'
            && byte.TryParse(token.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
    }

    private static void Flush(List<byte> run, List<string> output)
    {
        if (run.Count == 0)
            return;
        try
        {
            output.Add(Strict.GetString([.. run]));
        }
        catch (DecoderFallbackException)
        {
            output.AddRange(Enumerable.Repeat("\uFFFD", run.Count));
        }
        run.Clear();
    }
}
