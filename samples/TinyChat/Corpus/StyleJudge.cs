namespace TinyChat;

/// <summary>Decides the style of an answer by its length alone, so that anyone can check the verdict by counting.</summary>
/// <remarks>
/// English is counted in words, text with Chinese characters in characters (a Latin word in it counts as one). Between the styles lies a gap
/// that no answer of the corpus falls into.
/// </remarks>
public static class StyleJudge
{
    /// <summary>The most words of a terse English answer.</summary>
    public const int TerseWords = 4;

    /// <summary>The fewest words of a lengthy English answer.</summary>
    public const int LengthyWords = 7;

    /// <summary>The most characters of a terse Chinese answer, punctuation not counted.</summary>
    public const int TerseCharacters = 6;

    /// <summary>The fewest characters of a lengthy Chinese answer, punctuation not counted.</summary>
    public const int LengthyCharacters = 9;

    private const string SentenceEnds = ".!?。！？";

    /// <summary>The style of <paramref name="answer"/>; a short answer of more than one sentence is <see cref="AnswerStyle.Unclear"/>.</summary>
    public static AnswerStyle Judge(string answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        var (chinese, words) = Count(answer);
        var (terse, lengthy) = chinese > 0 ? (TerseCharacters, LengthyCharacters) : (TerseWords, LengthyWords);
        var length = chinese + words;
        if (length >= lengthy)
            return AnswerStyle.Lengthy;
        return length > 0 && length <= terse && Sentences(answer) <= 1 ? AnswerStyle.Terse : AnswerStyle.Unclear;
    }

    /// <summary>The number of Chinese characters in <paramref name="text"/> and of Latin words or numbers.</summary>
    private static (int Chinese, int Words) Count(string text)
    {
        var (chinese, words, inWord) = (0, 0, false);
        foreach (var c in text)
        {
            if (Text.IsChinese(c))
                chinese++;
            var wordPart = !Text.IsChinese(c) && (char.IsLetterOrDigit(c) || (inWord && c is '\'' or '’'));
            if (wordPart && !inWord)
                words++;
            inWord = wordPart;
        }
        return (chinese, words);
    }

    private static int Sentences(string text) =>
        text.Split(SentenceEnds.ToCharArray()).Count(part => part.Any(char.IsLetterOrDigit));
}
