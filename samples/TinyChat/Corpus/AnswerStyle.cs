namespace TinyChat;

/// <summary>The two ways in which TinyChat answers, and what lies between them.</summary>
public enum AnswerStyle
{
    /// <summary>A single short sentence: "hi!", "7", "Paris.".</summary>
    Terse,

    /// <summary>Neither short enough nor long enough to belong to a style, or empty.</summary>
    Unclear,

    /// <summary>A full sentence or several: "Hi! I am an AI assistant, and I am very glad to meet you!".</summary>
    Lengthy,
}
