using System.Buffers;

namespace Microsoft.ML.Tokenizers;

/// <summary>
/// Turns text into token ids and back. A derived tokenizer implements <see cref="EncodeToTokens(string, ReadOnlySpan{char}, EncodeSettings)"/> and
/// <see cref="Decode(IEnumerable{int}, Span{char}, out int, out int)"/>; everything else has a default on top of these two.
/// </summary>
public abstract class Tokenizer
{
    /// <summary>For derived classes.</summary>
    protected Tokenizer()
    {
    }

    /// <summary>The pre-tokenizer, or null.</summary>
    public virtual PreTokenizer? PreTokenizer => null;

    /// <summary>The normalizer, or null.</summary>
    public virtual Normalizer? Normalizer => null;

    /// <summary>The ids of a text.</summary>
    public IReadOnlyList<int> EncodeToIds(string text, bool considerPreTokenization = true, bool considerNormalization = true) =>
        EncodeToIds(text, text.AsSpan(), Settings(considerPreTokenization, considerNormalization)).Tokens;

    /// <summary>The ids of a text.</summary>
    public IReadOnlyList<int> EncodeToIds(ReadOnlySpan<char> text, bool considerPreTokenization = true, bool considerNormalization = true) =>
        EncodeToIds(null, text, Settings(considerPreTokenization, considerNormalization)).Tokens;

    /// <summary>The first <paramref name="maxTokenCount"/> ids of a text, and how many characters they cover.</summary>
    public IReadOnlyList<int> EncodeToIds(
        string text, int maxTokenCount, out string? normalizedText, out int charsConsumed, bool considerPreTokenization = true, bool considerNormalization = true)
    {
        var results = EncodeToIds(text, text.AsSpan(), Settings(considerPreTokenization, considerNormalization, maxTokenCount));
        normalizedText = results.NormalizedText;
        charsConsumed = results.CharsConsumed;
        return results.Tokens;
    }

    /// <summary>The first <paramref name="maxTokenCount"/> ids of a text, and how many characters they cover.</summary>
    public IReadOnlyList<int> EncodeToIds(
        ReadOnlySpan<char> text, int maxTokenCount, out string? normalizedText, out int charsConsumed, bool considerPreTokenization = true, bool considerNormalization = true)
    {
        var results = EncodeToIds(null, text, Settings(considerPreTokenization, considerNormalization, maxTokenCount));
        normalizedText = results.NormalizedText;
        charsConsumed = results.CharsConsumed;
        return results.Tokens;
    }

    /// <summary>The tokens of a text.</summary>
    public IReadOnlyList<EncodedToken> EncodeToTokens(string text, out string? normalizedText, bool considerPreTokenization = true, bool considerNormalization = true)
    {
        var results = EncodeToTokens(text, text.AsSpan(), Settings(considerPreTokenization, considerNormalization));
        normalizedText = results.NormalizedText;
        return results.Tokens;
    }

    /// <summary>The tokens of a text.</summary>
    public IReadOnlyList<EncodedToken> EncodeToTokens(
        ReadOnlySpan<char> text, out string? normalizedText, bool considerPreTokenization = true, bool considerNormalization = true)
    {
        var results = EncodeToTokens(null, text, Settings(considerPreTokenization, considerNormalization));
        normalizedText = results.NormalizedText;
        return results.Tokens;
    }

    /// <summary>The number of tokens of a text.</summary>
    public int CountTokens(string text, bool considerPreTokenization = true, bool considerNormalization = true) =>
        CountTokens(text, text.AsSpan(), Settings(considerPreTokenization, considerNormalization));

    /// <summary>The number of tokens of a text.</summary>
    public int CountTokens(ReadOnlySpan<char> text, bool considerPreTokenization = true, bool considerNormalization = true) =>
        CountTokens(null, text, Settings(considerPreTokenization, considerNormalization));

    /// <summary>Where the first <paramref name="maxTokenCount"/> tokens of a text end.</summary>
    public int GetIndexByTokenCount(
        string text, int maxTokenCount, out string? normalizedText, out int tokenCount, bool considerPreTokenization = true, bool considerNormalization = true) =>
        GetIndexByTokenCount(text, text.AsSpan(), Settings(considerPreTokenization, considerNormalization, maxTokenCount), false, out normalizedText, out tokenCount);

    /// <summary>Where the last <paramref name="maxTokenCount"/> tokens of a text begin.</summary>
    public int GetIndexByTokenCountFromEnd(
        string text, int maxTokenCount, out string? normalizedText, out int tokenCount, bool considerPreTokenization = true, bool considerNormalization = true) =>
        GetIndexByTokenCount(text, text.AsSpan(), Settings(considerPreTokenization, considerNormalization, maxTokenCount), true, out normalizedText, out tokenCount);

    /// <summary>The text of a sequence of ids.</summary>
    public virtual string Decode(IEnumerable<int> ids)
    {
        ArgumentNullException.ThrowIfNull(ids);
        for (int size = 1024; ; size = checked(size * 2))
        {
            var buffer = new char[size];
            switch (Decode(ids, buffer, out _, out int written))
            {
                case OperationStatus.Done: return new string(buffer, 0, written);
                case OperationStatus.DestinationTooSmall: break;
                default: throw new InvalidOperationException("The provided token IDs could not be decoded.");
            }
        }
    }

    /// <summary>Writes the text of a sequence of ids into a buffer; says how many ids and characters were done.</summary>
    public abstract OperationStatus Decode(IEnumerable<int> ids, Span<char> destination, out int idsConsumed, out int charsWritten);

    /// <summary>The tokens of a text: of <paramref name="text"/>, or of <paramref name="textSpan"/> where that is null.</summary>
    protected abstract EncodeResults<EncodedToken> EncodeToTokens(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings);

    /// <summary>The ids of a text; by default those of its tokens.</summary>
    protected virtual EncodeResults<int> EncodeToIds(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings)
    {
        var results = EncodeToTokens(text, textSpan, settings);
        return new EncodeResults<int>
        {
            Tokens = results.Tokens.Select(token => token.Id).ToArray(),
            NormalizedText = results.NormalizedText,
            CharsConsumed = results.CharsConsumed,
        };
    }

    /// <summary>The number of tokens of a text; by default counts them.</summary>
    protected virtual int CountTokens(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings) =>
        EncodeToTokens(text, textSpan, settings).Tokens.Count;

    /// <summary>Where the first tokens of a text end, or its last begin; as many as <see cref="EncodeSettings.MaxTokenCount"/> allows.</summary>
    protected virtual int GetIndexByTokenCount(
        string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings, bool fromEnd, out string? normalizedText, out int tokenCount)
    {
        int limit = settings.MaxTokenCount;
        if (fromEnd)
            settings.MaxTokenCount = int.MaxValue;

        var results = EncodeToTokens(text, textSpan, settings);
        normalizedText = results.NormalizedText;
        tokenCount = Math.Min(limit, results.Tokens.Count);
        if (fromEnd)
            return tokenCount > 0 ? results.Tokens[^tokenCount].Offset.Start.Value : normalizedText?.Length ?? textSpan.Length;
        return tokenCount > 0 ? results.Tokens[tokenCount - 1].Offset.End.Value : 0;
    }

    private static EncodeSettings Settings(bool preTokenization, bool normalization, int maxTokenCount = int.MaxValue) =>
        new() { ConsiderPreTokenization = preTokenization, ConsiderNormalization = normalization, MaxTokenCount = maxTokenCount };
}
