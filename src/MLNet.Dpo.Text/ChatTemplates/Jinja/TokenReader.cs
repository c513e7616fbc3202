using System.Runtime.CompilerServices;

namespace MLNet.Dpo.Text.ChatTemplates.Jinja;

/// <summary>Walks over the tokens of a template, with the checks that parsers need.</summary>
internal sealed class TokenReader(List<Token> tokens)
{
    private const int MaxDepth = 200;
    private int _at;
    private int _depth;

    public Token Current => tokens[_at];

    public Token Next => tokens[Math.Min(_at + 1, tokens.Count - 1)];

    public int Line => Current.Line;

    public Token Read() => tokens[_at < tokens.Count - 1 ? _at++ : _at];

    public bool IsName(string name) => Current.Kind == TokenKind.Name && Current.Text == name;

    public bool IsOperator(string text) => Current.Kind == TokenKind.Operator && Current.Text == text;

    /// <summary>Goes past a name; false where another token stands.</summary>
    public bool TakeName(string name)
    {
        bool taken = IsName(name);
        if (taken)
            Read();
        return taken;
    }

    /// <summary>Goes past an operator; false where another token stands.</summary>
    public bool TakeOperator(string text)
    {
        bool taken = IsOperator(text);
        if (taken)
            Read();
        return taken;
    }

    public void ExpectOperator(string text)
    {
        if (!TakeOperator(text))
            throw Unexpected($"'{text}'");
    }

    public void ExpectName(string name)
    {
        if (!TakeName(name))
            throw Unexpected($"'{name}'");
    }

    public void Expect(TokenKind kind, string what)
    {
        if (Current.Kind != kind)
            throw Unexpected(what);
        Read();
    }

    public string ReadName() => Current.Kind == TokenKind.Name ? Read().Text : throw Unexpected("a name");

    /// <summary>Parses one level deeper; too deep is an error, so that a hostile template cannot exhaust the stack.</summary>
    public T Nested<T>(Func<T> parse)
    {
        if (++_depth > MaxDepth || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw new ChatTemplateException($"Chat template, line {Line}: nested deeper than {MaxDepth} levels.");
        var result = parse();
        _depth--;
        return result;
    }

    public ChatTemplateException Unexpected(string expected)
    {
        string found = Current.Kind switch
        {
            TokenKind.End => "the end of the template",
            TokenKind.String => "a string",
            TokenKind.Text => "text",
            _ => $"'{Current.Text}'",
        };
        return new ChatTemplateException($"Chat template, line {Line}: expected {expected}, found {found}.");
    }
}
