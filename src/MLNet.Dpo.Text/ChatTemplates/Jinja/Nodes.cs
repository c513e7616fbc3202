
namespace MLNet.Dpo.Text.ChatTemplates.Jinja;

/// <summary>An expression of a template; <see cref="Line"/> is where it stands, from 1.</summary>
internal abstract record Expression(int Line);

internal sealed record Literal(object? Value, int Line) : Expression(Line);

internal sealed record NameExpression(string Name, int Line) : Expression(Line);

/// <summary><c>target.name</c></summary>
internal sealed record AttributeExpression(Expression Target, string Name, int Line) : Expression(Line);

/// <summary><c>target[index]</c></summary>
internal sealed record IndexExpression(Expression Target, Expression Index, int Line) : Expression(Line);

/// <summary><c>target[start:stop:step]</c></summary>
internal sealed record SliceExpression(Expression Target, Expression? Start, Expression? Stop, Expression? Step, int Line) : Expression(Line);

internal sealed record CallExpression(Expression Callee, ArgumentList Arguments, int Line) : Expression(Line);

/// <summary><c>input | name(arguments)</c></summary>
internal sealed record FilterExpression(Expression Input, string Name, ArgumentList Arguments, int Line) : Expression(Line);

/// <summary><c>input is name(arguments)</c></summary>
internal sealed record TestExpression(Expression Input, string Name, ArgumentList Arguments, int Line) : Expression(Line);

/// <summary><c>-x</c>, <c>+x</c>, <c>not x</c></summary>
internal sealed record UnaryExpression(string Operator, Expression Operand, int Line) : Expression(Line);

/// <summary>Arithmetic, <c>and</c>, <c>or</c>, <c>~</c></summary>
internal sealed record BinaryExpression(string Operator, Expression Left, Expression Right, int Line) : Expression(Line);

/// <summary><c>a &lt; b == c</c>: each neighbouring pair must hold.</summary>
internal sealed record CompareExpression(Expression First, IReadOnlyList<(string Operator, Expression Operand)> Rest, int Line) : Expression(Line);

/// <summary><c>then if condition else otherwise</c></summary>
internal sealed record ConditionalExpression(Expression Condition, Expression Then, Expression? Otherwise, int Line) : Expression(Line);

internal sealed record ListExpression(IReadOnlyList<Expression> Items, bool IsTuple, int Line) : Expression(Line);

internal sealed record MappingExpression(IReadOnlyList<(Expression Key, Expression Value)> Entries, int Line) : Expression(Line);

/// <summary>The arguments of a call, filter or test as written.</summary>
internal sealed record ArgumentList(IReadOnlyList<Expression> Positional, IReadOnlyList<(string Name, Expression Value)> Named)
{
    public static ArgumentList Empty { get; } = new([], []);
}

/// <summary>A statement of a template.</summary>
internal abstract record Statement(int Line);

/// <summary>Text between tags.</summary>
internal sealed record TextStatement(string Text, int Line) : Statement(Line);

/// <summary><c>{{ value }}</c></summary>
internal sealed record OutputStatement(Expression Value, int Line) : Statement(Line);

internal sealed record IfStatement(Expression Condition, IReadOnlyList<Statement> Then, IReadOnlyList<Statement> Otherwise, int Line) : Statement(Line);

internal sealed record ForStatement(
    Target Target, Expression Items, Expression? Filter, bool Recursive, IReadOnlyList<Statement> Body, IReadOnlyList<Statement> Otherwise, int Line) : Statement(Line);

internal sealed record SetStatement(Target Target, Expression Value, int Line) : Statement(Line);

/// <summary><c>{% set x | filter %} ... {% endset %}</c>; <see cref="Filter"/> takes its input from <see cref="CapturedText"/>.</summary>
internal sealed record SetBlockStatement(Target Target, Expression? Filter, IReadOnlyList<Statement> Body, int Line) : Statement(Line);

/// <summary><c>{% filter name %} ... {% endfilter %}</c></summary>
internal sealed record FilterStatement(Expression Filter, IReadOnlyList<Statement> Body, int Line) : Statement(Line);

internal sealed record WithStatement(IReadOnlyList<(Target Target, Expression Value)> Bindings, IReadOnlyList<Statement> Body, int Line) : Statement(Line);

internal sealed record MacroStatement(string Name, IReadOnlyList<MacroParameter> Parameters, IReadOnlyList<Statement> Body, int Line) : Statement(Line);

/// <summary><c>{% call macro(...) %} ... {% endcall %}</c>: the body is the macro's <c>caller()</c>.</summary>
internal sealed record CallStatement(IReadOnlyList<MacroParameter> Parameters, CallExpression Call, IReadOnlyList<Statement> Body, int Line) : Statement(Line);

/// <summary><c>{% generation %} ... {% endgeneration %}</c>: what the assistant says.</summary>
internal sealed record GenerationStatement(IReadOnlyList<Statement> Body, int Line) : Statement(Line);

/// <summary><c>{% do expression %}</c></summary>
internal sealed record DoStatement(Expression Value, int Line) : Statement(Line);

internal sealed record BreakStatement(int Line) : Statement(Line);

internal sealed record ContinueStatement(int Line) : Statement(Line);

/// <summary>A macro's parameter; without a default it is undefined when not given.</summary>
internal sealed record MacroParameter(string Name, Expression? Default);

/// <summary>What is assigned to.</summary>
internal abstract record Target;

internal sealed record NameTarget(string Name) : Target;

/// <summary><c>namespace.attribute</c></summary>
internal sealed record NamespaceTarget(string Name, string Attribute) : Target;

internal sealed record TupleTarget(IReadOnlyList<Target> Items) : Target;

/// <summary>Stands for the captured text that a block's filters take.</summary>
internal sealed record CapturedText(int Line) : Expression(Line);
