
namespace MLNet.Dpo.Text.ChatTemplates.Jinja;

/// <summary>Parses a template into statements.</summary>
internal sealed class Parser
{
    private readonly TokenReader _reader;
    private readonly ExpressionParser _expressions;

    private Parser(string source)
    {
        _reader = new TokenReader(Lexer.Tokenize(source));
        _expressions = new ExpressionParser(_reader);
    }

    public static IReadOnlyList<Statement> Parse(string source) => new Parser(source).ParseBody(out _);

    /// <summary>Statements up to a tag that begins with one of <paramref name="ends"/>; that name is read, the rest of its tag not.</summary>
    private List<Statement> ParseBody(out string end, params string[] ends) => ParseBody(ends, out end);

    private List<Statement> ParseBody(string[] ends, out string end)
    {
        var statements = new List<Statement>();
        while (true)
        {
            int line = _reader.Line;
            switch (_reader.Current.Kind)
            {
                case TokenKind.Text:
                    statements.Add(new TextStatement(_reader.Read().Text, line));
                    break;
                case TokenKind.OutputBegin:
                    _reader.Read();
                    statements.Add(new OutputStatement(_expressions.ParseTuple(), line));
                    _reader.Expect(TokenKind.OutputEnd, "}}");
                    break;
                case TokenKind.BlockBegin:
                    _reader.Read();
                    if (_reader.Current.Kind == TokenKind.Name && ends.Contains(_reader.Current.Text))
                    {
                        end = _reader.Read().Text;
                        return statements;
                    }
                    statements.Add(_reader.Nested(() => ParseStatement(line)));
                    break;
                default:
                    end = "";
                    return ends.Length == 0 ? statements : throw _reader.Unexpected("{% " + string.Join(" %} or {% ", ends) + " %}");
            }
        }
    }

    private Statement ParseStatement(int line) => _reader.ReadName() switch
    {
        "if" => ParseIf(line),
        "for" => ParseFor(line),
        "set" => ParseSet(line),
        "macro" => ParseMacro(line),
        "call" => ParseCall(line),
        "filter" => ParseFilter(line),
        "with" => ParseWith(line),
        "generation" => new GenerationStatement(ParseBlock("endgeneration"), line),
        "break" => EndTag(new BreakStatement(line)),
        "continue" => EndTag(new ContinueStatement(line)),
        "do" => EndTag(new DoStatement(_expressions.ParseTuple(), line)),
        var name when name is "else" or "elif" || name.StartsWith("end", StringComparison.Ordinal)
            => throw new ChatTemplateException($"Chat template, line {line}: {{% {name} %}} belongs to nothing that is open here."),
        var name => throw new ChatTemplateException($"Chat template, line {line}: the tag {{% {name} %}} is not supported."),
    };

    /// <summary>Ends the tag, then reads the body up to and with the closing tag.</summary>
    private List<Statement> ParseBlock(string end)
    {
        EndTag();
        var body = ParseBody(out _, end);
        EndTag();
        return body;
    }

    private IfStatement ParseIf(int line)
    {
        var condition = _expressions.ParseTuple();
        EndTag();
        var then = ParseBody(out string end, "elif", "else", "endif");
        List<Statement> otherwise = [];
        if (end == "elif")
        {
            int elifLine = _reader.Line;
            return new IfStatement(condition, then, [_reader.Nested(() => ParseIf(elifLine))], line);
        }
        if (end == "else")
        {
            EndTag();
            otherwise = ParseBody(out _, "endif");
        }
        EndTag();
        return new IfStatement(condition, then, otherwise, line);
    }

    private ForStatement ParseFor(int line)
    {
        var target = ParseTarget();
        _reader.ExpectName("in");
        var items = _expressions.ParseTuple(withConditional: false);
        var filter = _reader.TakeName("if") ? _expressions.Parse() : null;
        bool recursive = _reader.TakeName("recursive");
        EndTag();

        var body = ParseBody(out string end, "else", "endfor");
        List<Statement> otherwise = [];
        if (end == "else")
        {
            EndTag();
            otherwise = ParseBody(out _, "endfor");
        }
        EndTag();
        return new ForStatement(target, items, filter, recursive, body, otherwise, line);
    }

    private Statement ParseSet(int line)
    {
        var target = ParseTarget();
        if (_reader.TakeOperator("="))
            return EndTag(new SetStatement(target, _expressions.ParseTuple(), line));
        var filter = _reader.IsOperator("|") ? _expressions.ParseFilters(new CapturedText(line)) : null;
        return new SetBlockStatement(target, filter, ParseBlock("endset"), line);
    }

    private MacroStatement ParseMacro(int line)
    {
        string name = _reader.ReadName();
        _reader.ExpectOperator("(");
        return new MacroStatement(name, ParseParameters(), ParseBlock("endmacro"), line);
    }

    private CallStatement ParseCall(int line)
    {
        List<MacroParameter> parameters = _reader.TakeOperator("(") ? ParseParameters() : [];
        return _expressions.Parse() is CallExpression call
            ? new CallStatement(parameters, call, ParseBlock("endcall"), line)
            : throw _reader.Unexpected("a call");
    }

    private List<MacroParameter> ParseParameters()
    {
        var parameters = new List<MacroParameter>();
        while (!_reader.TakeOperator(")"))
        {
            string name = _reader.ReadName();
            parameters.Add(new MacroParameter(name, _reader.TakeOperator("=") ? _expressions.Parse() : null));
            if (!_reader.IsOperator(")"))
                _reader.ExpectOperator(",");
        }
        return parameters;
    }

    private FilterStatement ParseFilter(int line)
    {
        var filter = _expressions.ParseFilters(_expressions.ParseFilter(new CapturedText(line)));
        return new FilterStatement(filter, ParseBlock("endfilter"), line);
    }

    private WithStatement ParseWith(int line)
    {
        var bindings = new List<(Target, Expression)>();
        while (_reader.Current.Kind != TokenKind.BlockEnd)
        {
            if (bindings.Count > 0)
                _reader.ExpectOperator(",");
            var target = ParseTarget();
            _reader.ExpectOperator("=");
            bindings.Add((target, _expressions.Parse()));
        }
        return new WithStatement(bindings, ParseBlock("endwith"), line);
    }

    private Target ParseTarget()
    {
        var first = ParseSingleTarget();
        if (!_reader.IsOperator(","))
            return first;
        var items = new List<Target> { first };
        while (_reader.TakeOperator(",") && _reader.Current.Kind is TokenKind.Name or TokenKind.Operator && !_reader.IsName("in"))
            items.Add(ParseSingleTarget());
        return new TupleTarget(items);
    }

    private Target ParseSingleTarget()
    {
        if (_reader.TakeOperator("("))
        {
            var inside = _reader.Nested(ParseTarget);
            _reader.ExpectOperator(")");
            return inside;
        }
        string name = _reader.ReadName();
        return _reader.TakeOperator(".") ? new NamespaceTarget(name, _reader.ReadName()) : new NameTarget(name);
    }

    private Statement EndTag(Statement statement)
    {
        EndTag();
        return statement;
    }

    private void EndTag() => _reader.Expect(TokenKind.BlockEnd, "%}");
}
