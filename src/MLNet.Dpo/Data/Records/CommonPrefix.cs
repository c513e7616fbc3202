namespace MLNet.Dpo.Data.Records;

/// <summary>
/// The common beginning of two answers that hold their prompt, split where TRL splits (trl.data_utils, <c>extract_prompt</c>): where one answer is the
/// other's beginning, the prompt ends one unit before the shorter's end, so that no answer is empty.
/// </summary>
internal static class CommonPrefix
{
    /// <summary>The number of leading messages that are equal.</summary>
    public static int Length(List<SourceMessage> first, List<SourceMessage> second)
    {
        var length = 0;
        while (length < Math.Min(first.Count, second.Count) && SourceMessage.Same(first[length], second[length]))
            length++;
        return length;
    }

    /// <summary>The number of leading messages that are the prompt.</summary>
    public static int PromptLength(List<SourceMessage> first, List<SourceMessage> second) =>
        Math.Min(Length(first, second), Math.Min(first.Count, second.Count) - 1);

    /// <summary>
    /// The number of leading UTF-16 units that are the prompt. The unit of comparison is a code point, and a space just before the
    /// split goes to the answers, because tokenizers join it to the word that follows. (TRL takes a wrong end where nothing is common; this gives 0.)
    /// </summary>
    public static int PromptLength(string first, string second)
    {
        var shorter = Math.Min(first.Length, second.Length);
        var length = first.AsSpan().CommonPrefixLength(second);
        if (length < shorter)
        {
            length = ToCodePoint(first, length);
            return length > 0 && first[length - 1] == ' ' ? length - 1 : length;
        }
        return shorter == 0 ? 0 : ToCodePoint(first, shorter - 1);
    }

    /// <summary>
    /// The number of leading UTF-16 units that are the prompt, up to the end of a word: neither answer begins within one. The blank before the answers goes to them.
    /// 0 where no whole word is common.
    /// </summary>
    public static int WordPromptLength(string first, string second)
    {
        var length = PromptLength(first, second);
        while (length > 0 && !(char.IsWhiteSpace(first[length]) && !char.IsWhiteSpace(first[length - 1])))
            length--;
        return length;
    }

    private static int ToCodePoint(string text, int at) =>
        at > 0 && at < text.Length && char.IsLowSurrogate(text[at]) && char.IsHighSurrogate(text[at - 1]) ? at - 1 : at;
}
