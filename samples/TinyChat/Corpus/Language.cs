namespace TinyChat;

/// <summary>The languages that TinyChat speaks; it answers in the language of the question.</summary>
public enum Language
{
    /// <summary>English, "en" in files.</summary>
    English,

    /// <summary>Chinese in simplified characters, "zh" in files.</summary>
    Chinese,
}
