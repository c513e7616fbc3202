using System.Text;
using System.Text.Json;

namespace MLNet.Dpo.Text.Tokenization.Normalizers;

/// <summary>BERT's: controls out, white space to blanks, blanks around ideographs, accents off, lower case; each as configured.</summary>
internal sealed class BertNormalizer : ITextNormalizer
{
    private readonly List<ITextNormalizer> _steps = [];

    private BertNormalizer(bool cleanText, bool chineseChars, bool stripAccents, bool lowercase)
    {
        if (cleanText)
            _steps.Add(new MapNormalizer(Clean));
        if (chineseChars)
            _steps.Add(new MapNormalizer(rune => UnicodeClasses.IsChinese(rune) ? $" {rune} " : null));
        if (stripAccents)
            _steps.AddRange([new UnicodeNormalizer(NormalizationForm.FormD), new FilterNormalizer(UnicodeClasses.IsNonSpacingMark)]);
        if (lowercase)
            _steps.Add(new LowercaseNormalizer());
    }

    public static BertNormalizer Read(JsonElement json)
    {
        bool lowercase = json.Flag("lowercase", true);
        return new BertNormalizer(json.Flag("clean_text", true), json.Flag("handle_chinese_chars", true), json.Flag("strip_accents", lowercase), lowercase);
    }

    public Piece Normalize(Piece piece, bool track)
    {
        foreach (var step in _steps)
            piece = step.Normalize(piece, track);
        return piece;
    }

    private static string? Clean(Rune rune)
    {
        if (rune.Value is '\t' or '\n' or '\r' || UnicodeClasses.IsWhiteSpace(rune) && !UnicodeClasses.IsControl(rune))
            return " ";
        return rune.Value is 0 or 0xFFFD || UnicodeClasses.IsControl(rune) ? "" : null;
    }
}
