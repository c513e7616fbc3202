
namespace MLNet.Dpo.Text;

/// <summary>
/// Decodes ids as they are generated. Text is held back while it ends in U+FFFD, that is inside a character whose bytes are not all there yet.
/// Used by one thread at a time.
/// </summary>
internal sealed class DecodeStream
{
    private readonly HuggingFaceTokenizer _tokenizer;
    private readonly bool _skipSpecialTokens;
    private readonly List<int> _ids = [];
    private string _prefix = "";
    private int _prefixLength;

    internal DecodeStream(HuggingFaceTokenizer tokenizer, bool skipSpecialTokens)
    {
        _tokenizer = tokenizer;
        _skipSpecialTokens = skipSpecialTokens;
    }

    /// <summary>Takes the next id; gives the new text, or null while there is none to give.</summary>
    public string? Step(int id)
    {
        if (_prefix.Length == 0 && _ids.Count > 0)
        {
            string prefix = Text();
            if (!prefix.EndsWith('\uFFFD'))
                (_prefix, _prefixLength) = (prefix, _ids.Count);
        }

        _ids.Add(id);
        string text = Text();
        if (text.Length <= _prefix.Length || text.EndsWith('\uFFFD'))
            return null;

        // Only the ids since the last text are kept: what a token looks like depends on the ones just before it, not on all.
        string piece = text[_prefix.Length..];
        int kept = _ids.Count - _prefixLength;
        _ids.RemoveRange(0, _prefixLength);
        (_prefix, _prefixLength) = (Text(), kept);
        return piece;
    }

    /// <summary>The text still held back, U+FFFD included, and a fresh start; empty where nothing was held.</summary>
    public string Flush()
    {
        string text = Text();
        string rest = text.Length > _prefix.Length ? text[_prefix.Length..] : "";
        _ids.Clear();
        (_prefix, _prefixLength) = ("", 0);
        return rest;
    }

    private string Text() => _tokenizer.Decode(_ids, _skipSpecialTokens);
}
