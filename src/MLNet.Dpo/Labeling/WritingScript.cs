namespace MLNet.Dpo;

/// <summary>The scripts that responses can be told apart by. A script is not a language: English and German are both Latin.</summary>
public enum WritingScript
{
    /// <summary>Latin letters, as of English.</summary>
    Latin,

    /// <summary>Greek letters.</summary>
    Greek,

    /// <summary>Cyrillic letters, as of Russian.</summary>
    Cyrillic,

    /// <summary>Hebrew letters.</summary>
    Hebrew,

    /// <summary>Arabic letters, as of Arabic and Persian.</summary>
    Arabic,

    /// <summary>Devanagari letters, as of Hindi.</summary>
    Devanagari,

    /// <summary>Thai letters.</summary>
    Thai,

    /// <summary>Hangul, of Korean.</summary>
    Hangul,

    /// <summary>Hiragana and katakana; a Japanese text's Han characters count as its own, too.</summary>
    Kana,

    /// <summary>Han characters, of Chinese.</summary>
    Han,
}
