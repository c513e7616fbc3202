namespace MLNet.Dpo;

/// <summary>Which length is the better one.</summary>
public enum LengthGoal
{
    /// <summary>The shorter the better: the score is the length times -1.</summary>
    Shorter,

    /// <summary>The longer the better: the score is the length.</summary>
    Longer,
}

/// <summary>What a length is counted in.</summary>
public enum LengthUnit
{
    /// <summary>What a reader sees as characters: a letter with its accents, or an emoji of several code points, is one.</summary>
    Characters,

    /// <summary>Runs of letters and digits; each Han or kana character is a word by itself.</summary>
    Words,

    /// <summary>Tokens of a model's tokenizer, without special tokens.</summary>
    Tokens,
}
