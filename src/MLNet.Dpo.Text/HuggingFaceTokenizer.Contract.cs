using System.Buffers;
using Microsoft.ML.Tokenizers;
using MLNet.Dpo.Text.Tokenization;

namespace MLNet.Dpo;

/// <content>The contract of <see cref="Tokenizer"/>, on top of <see cref="Encode"/> and <see cref="Decode(IEnumerable{int}, bool)"/>.</content>
public sealed partial class HuggingFaceTokenizer
{
    /// <inheritdoc/>
    public override string Decode(IEnumerable<int> ids) => Decode(ids, skipSpecialTokens: false);

    /// <inheritdoc/>
    /// <remarks>All or nothing: where the destination is too small, nothing is written.</remarks>
    public override OperationStatus Decode(IEnumerable<int> ids, Span<char> destination, out int idsConsumed, out int charsWritten)
    {
        ArgumentNullException.ThrowIfNull(ids);
        int[] all = [.. ids];
        string text = Decode(all, skipSpecialTokens: false);
        (idsConsumed, charsWritten) = (0, 0);
        if (!text.TryCopyTo(destination))
            return OperationStatus.DestinationTooSmall;
        (idsConsumed, charsWritten) = (all.Length, text.Length);
        return OperationStatus.Done;
    }

    /// <inheritdoc/>
    /// <remarks>No special tokens are added. Offsets are of the text as given, so no normalized text is returned.</remarks>
    protected override EncodeResults<EncodedToken> EncodeToTokens(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings)
    {
        Check(settings);
        text ??= textSpan.ToString();
        var (ids, sources) = (new List<int>(), new List<SourceSpan>());
        _pipeline.Encode(text, ids, sources);

        int count = Math.Min(ids.Count, settings.MaxTokenCount);
        var tokens = new EncodedToken[count];
        for (int i = 0; i < count; i++)
            tokens[i] = new EncodedToken(ids[i], _pipeline.TokenOf(ids[i]) ?? "", sources[i].Start..sources[i].End);
        return new EncodeResults<EncodedToken> { Tokens = tokens, CharsConsumed = Consumed(count, ids.Count, sources, text) };
    }

    /// <inheritdoc/>
    protected override EncodeResults<int> EncodeToIds(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings)
    {
        Check(settings);
        text ??= textSpan.ToString();
        if (settings.MaxTokenCount == int.MaxValue)
            return new EncodeResults<int> { Tokens = Encode(text), CharsConsumed = text.Length };

        var (ids, sources) = (new List<int>(), new List<SourceSpan>());
        _pipeline.Encode(text, ids, sources);
        int count = Math.Min(ids.Count, settings.MaxTokenCount);
        return new EncodeResults<int> { Tokens = ids.GetRange(0, count), CharsConsumed = Consumed(count, ids.Count, sources, text) };
    }

    /// <inheritdoc/>
    protected override int CountTokens(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings) =>
        EncodeToIds(text, textSpan, settings).Tokens.Count;

    private static int Consumed(int count, int total, List<SourceSpan> sources, string text) =>
        count == total ? text.Length : count == 0 ? 0 : sources[count - 1].End;

    private static void Check(EncodeSettings settings)
    {
        if (!settings.ConsiderNormalization || !settings.ConsiderPreTokenization)
            throw new NotSupportedException("tokenizer.json fixes normalization and pre-tokenization; leave considerNormalization and considerPreTokenization true.");
        ArgumentOutOfRangeException.ThrowIfLessThan(settings.MaxTokenCount, 1, nameof(settings));
    }
}
