using System.Text;

namespace MLNet.Dpo.Text.ChatTemplates.Jinja;

/// <summary>Parses expressions, from the loosest binding (conditional) to the tightest (literals, names).</summary>
internal sealed class ExpressionParser(TokenReader reader)
{
    /// <summary>An expression, or a tuple where commas follow.</summary>
    public Expression ParseTuple(bool withConditional = true)
    {
        int line = reader.Line;
        var first = withConditional ? Parse() : ParseOr();
        if (!reader.IsOperator(","))
            return first;
        var items = new List<Expression> { first };
        while (reader.TakeOperator(",") && StartsExpression())
            items.Add(withConditional ? Parse() : ParseOr());
        return new ListExpression(items, IsTuple: true, line);
    }

    public Expression Parse() => reader.Nested(ParseConditional);

    public Expression ParseOr()
    {
        var left = ParseAnd();
        while (reader.IsName("or"))
            left = new BinaryExpression("or", left, After(ParseAnd), left.Line);
        return left;
    }

    /// <summary>The arguments after an opening bracket that was read.</summary>
    public ArgumentList ParseArguments()
    {
        var positional = new List<Expression>();
        var named = new List<(string, Expression)>();
        while (!reader.TakeOperator(")"))
        {
            if (reader.Current.Kind == TokenKind.Name && reader.Next is { Kind: TokenKind.Operator, Text: "=" })
            {
                string name = reader.ReadName();
                reader.Read();
                named.Add((name, Parse()));
            }
            else if (named.Count > 0)
            {
                throw reader.Unexpected("a named argument");
            }
            else
            {
                positional.Add(Parse());
            }
            if (!reader.IsOperator(")"))
                reader.ExpectOperator(",");
        }
        return new ArgumentList(positional, named);
    }

    /// <summary>The filters after a value: <c>| name(...) | ...</c></summary>
    public Expression ParseFilters(Expression input)
    {
        while (reader.TakeOperator("|"))
            input = ParseFilter(input);
        return input;
    }

    /// <summary>One filter, its bar already read.</summary>
    public Expression ParseFilter(Expression input)
    {
        int line = reader.Line;
        string name = ReadDottedName();
        return new FilterExpression(input, name, reader.TakeOperator("(") ? ParseArguments() : ArgumentList.Empty, line);
    }

    private Expression ParseConditional()
    {
        var value = ParseOr();
        while (reader.IsName("if"))
        {
            var condition = After(ParseOr);
            var otherwise = reader.TakeName("else") ? Parse() : null;
            value = new ConditionalExpression(condition, value, otherwise, value.Line);
        }
        return value;
    }

    private Expression ParseAnd()
    {
        var left = ParseNot();
        while (reader.IsName("and"))
            left = new BinaryExpression("and", left, After(ParseNot), left.Line);
        return left;
    }

    private Expression ParseNot()
    {
        int line = reader.Line;
        return reader.IsName("not") ? new UnaryExpression("not", reader.Nested(() => After(ParseNot)), line) : ParseCompare();
    }

    private Expression ParseCompare()
    {
        var first = ParseSum();
        var rest = new List<(string, Expression)>();
        while (ReadComparison() is { } comparison)
            rest.Add((comparison, ParseSum()));
        return rest.Count == 0 ? first : new CompareExpression(first, rest, first.Line);
    }

    private string? ReadComparison()
    {
        if (reader.Current is { Kind: TokenKind.Operator, Text: "==" or "!=" or "<" or "<=" or ">" or ">=" })
            return reader.Read().Text;
        if (reader.TakeName("in"))
            return "in";
        if (!reader.IsName("not") || reader.Next is not { Kind: TokenKind.Name, Text: "in" })
            return null;
        reader.Read();
        reader.Read();
        return "not in";
    }

    private Expression ParseSum() => ParseLeft(ParseConcat, "+", "-");

    private Expression ParseConcat() => ParseLeft(ParseProduct, "~");

    private Expression ParseProduct() => ParseLeft(ParsePower, "*", "/", "//", "%");

    private Expression ParsePower() => ParseLeft(() => ParseUnary(withFilters: true), "**");

    private Expression ParseLeft(Func<Expression> operand, params string[] operators)
    {
        var left = operand();
        while (reader.Current.Kind == TokenKind.Operator && operators.Contains(reader.Current.Text))
        {
            string operation = reader.Read().Text;
            left = new BinaryExpression(operation, left, operand(), left.Line);
        }
        return left;
    }

    private Expression ParseUnary(bool withFilters)
    {
        int line = reader.Line;
        Expression value = reader.Current is { Kind: TokenKind.Operator, Text: "-" or "+" }
            ? new UnaryExpression(reader.Read().Text, reader.Nested(() => ParseUnary(withFilters: false)), line)
            : ParsePostfix(ParsePrimary());
        return withFilters ? ParseFiltersAndTests(value) : value;
    }

    private Expression ParseFiltersAndTests(Expression value)
    {
        while (true)
        {
            if (reader.TakeOperator("|"))
                value = ParseFilter(value);
            else if (reader.TakeName("is"))
                value = ParseTest(value);
            else if (reader.IsOperator("("))
                value = ParsePostfix(value);
            else
                return value;
        }
    }

    private Expression ParseTest(Expression value)
    {
        int line = reader.Line;
        bool negated = reader.TakeName("not");
        string name = ReadDottedName();
        var arguments = ArgumentList.Empty;
        if (reader.TakeOperator("("))
            arguments = ParseArguments();
        else if (StartsTestArgument())
            arguments = new ArgumentList([ParsePostfix(ParsePrimary())], []);
        Expression test = new TestExpression(value, name, arguments, line);
        return negated ? new UnaryExpression("not", test, line) : test;
    }

    private bool StartsTestArgument() => reader.Current.Kind switch
    {
        TokenKind.Name => reader.Current.Text is not ("else" or "or" or "and" or "is" or "if" or "in" or "not"),
        TokenKind.String or TokenKind.Number => true,
        TokenKind.Operator => reader.Current.Text is "[" or "{",
        _ => false,
    };

    private Expression ParsePostfix(Expression value)
    {
        while (true)
        {
            int line = reader.Line;
            if (reader.TakeOperator("."))
                value = reader.Current.Kind == TokenKind.Number
                    ? new IndexExpression(value, new Literal(reader.Read().Value, line), line)
                    : new AttributeExpression(value, reader.ReadName(), line);
            else if (reader.TakeOperator("["))
                value = ParseSubscript(value, line);
            else if (reader.TakeOperator("("))
                value = new CallExpression(value, ParseArguments(), line);
            else
                return value;
        }
    }

    private Expression ParseSubscript(Expression target, int line)
    {
        Expression? start = reader.IsOperator(":") ? null : Parse();
        if (reader.TakeOperator("]"))
            return new IndexExpression(target, start ?? throw reader.Unexpected("an index"), line);

        reader.ExpectOperator(":");
        var stop = reader.IsOperator(":") || reader.IsOperator("]") ? null : Parse();
        var step = reader.TakeOperator(":") && !reader.IsOperator("]") ? Parse() : null;
        reader.ExpectOperator("]");
        return new SliceExpression(target, start, stop, step, line);
    }

    private Expression ParsePrimary()
    {
        int line = reader.Line;
        switch (reader.Current.Kind)
        {
            case TokenKind.Name:
                return ParseName(reader.Read().Text, line);
            case TokenKind.Number:
                return new Literal(reader.Read().Value, line);
            case TokenKind.String:
                var text = new StringBuilder();
                while (reader.Current.Kind == TokenKind.String)
                    text.Append((string)reader.Read().Value!);
                return new Literal(text.ToString(), line);
        }

        if (reader.TakeOperator("("))
            return ParseBrackets(line);
        if (reader.TakeOperator("["))
            return new ListExpression(ParseItems("]"), IsTuple: false, line);
        if (reader.TakeOperator("{"))
            return ParseMapping(line);
        throw reader.Unexpected("an expression");
    }

    private static Expression ParseName(string name, int line) => name switch
    {
        "true" or "True" => new Literal(true, line),
        "false" or "False" => new Literal(false, line),
        "none" or "None" => new Literal(null, line),
        _ => new NameExpression(name, line),
    };

    private Expression ParseBrackets(int line)
    {
        if (reader.TakeOperator(")"))
            return new ListExpression([], IsTuple: true, line);
        var inside = ParseTuple();
        reader.ExpectOperator(")");
        return inside;
    }

    private List<Expression> ParseItems(string end)
    {
        var items = new List<Expression>();
        while (!reader.TakeOperator(end))
        {
            items.Add(Parse());
            if (!reader.IsOperator(end))
                reader.ExpectOperator(",");
        }
        return items;
    }

    private MappingExpression ParseMapping(int line)
    {
        var entries = new List<(Expression, Expression)>();
        while (!reader.TakeOperator("}"))
        {
            var key = Parse();
            reader.ExpectOperator(":");
            entries.Add((key, Parse()));
            if (!reader.IsOperator("}"))
                reader.ExpectOperator(",");
        }
        return new MappingExpression(entries, line);
    }

    private string ReadDottedName()
    {
        var name = new StringBuilder(reader.ReadName());
        while (reader.TakeOperator("."))
            name.Append('.').Append(reader.ReadName());
        return name.ToString();
    }

    private bool StartsExpression() =>
        reader.Current.Kind is TokenKind.Number or TokenKind.String
        || reader.Current.Kind == TokenKind.Name && reader.Current.Text is not ("in" or "if" or "else" or "recursive")
        || reader.Current is { Kind: TokenKind.Operator, Text: "(" or "[" or "{" or "-" or "+" };

    private Expression After(Func<Expression> parse)
    {
        reader.Read();
        return parse();
    }
}
