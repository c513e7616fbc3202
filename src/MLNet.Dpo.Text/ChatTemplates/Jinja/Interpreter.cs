namespace MLNet.Dpo.Text.ChatTemplates.Jinja;

/// <summary>Runs statements and collects what they print.</summary>
internal sealed class Interpreter
{
    private const int MaxCallDepth = 50;
    private readonly Budget _budget;
    private readonly Evaluator _evaluator;
    private PaidText _output;
    private int _capturedBefore;
    private int _callDepth;

    public Interpreter(TimeProvider time, Budget budget)
    {
        _budget = budget;
        _evaluator = new Evaluator(budget, time);
        _output = new PaidText(budget);
    }

    /// <summary>Where generation blocks stand in the output, in UTF-16 units.</summary>
    public List<Range> GenerationSpans { get; } = [];

    /// <summary>Renders a template; a failed operation becomes one line that names the template's line.</summary>
    public string Render(IReadOnlyList<Statement> template, Scope scope)
    {
        try
        {
            Execute(template, scope);
            return _output.ToString();
        }
        catch (JinjaException e)
        {
            throw new ChatTemplateException($"Chat template, line {_evaluator.Line}: {e.Message}.", e);
        }
    }

    private Flow Execute(IReadOnlyList<Statement> statements, Scope scope)
    {
        foreach (var statement in statements)
        {
            var flow = Execute(statement, scope);
            if (flow != Flow.Next)
                return flow;
        }
        return Flow.Next;
    }

    private Flow Execute(Statement statement, Scope scope)
    {
        _budget.Step();
        _budget.Enter();
        var flow = Run(statement, scope);
        _budget.Leave();
        return flow;
    }

    private Flow Run(Statement statement, Scope scope)
    {
        _evaluator.Line = statement.Line;
        switch (statement)
        {
            case TextStatement text: _output.Append(text.Text); break;
            case OutputStatement output: _output.Append(PythonRepr.Text(_evaluator.Evaluate(output.Value, scope), _budget)); break;
            case IfStatement branch: return Execute(ValueOperations.IsTrue(_evaluator.Evaluate(branch.Condition, scope)) ? branch.Then : branch.Otherwise, scope);
            case ForStatement loop: For(loop, _evaluator.Evaluate(loop.Items, scope), scope, 0); break;
            case SetStatement set: Assign(set.Target, _evaluator.Evaluate(set.Value, scope), scope); break;
            case SetBlockStatement set: Assign(set.Target, Captured(set.Body, set.Filter, scope), scope); break;
            case FilterStatement filter: _output.Append(PythonRepr.Text(Captured(filter.Body, filter.Filter, scope), _budget)); break;
            case WithStatement with: With(with, scope); break;
            case MacroStatement macro: _budget.Bytes(500); scope.Set(macro.Name, Macro(macro.Name, macro.Parameters, macro.Body, scope)); break;
            case CallStatement call: _output.Append(PythonRepr.Text(CallWithBody(call, scope), _budget)); break;
            case GenerationStatement generation: Generation(generation, scope); break;
            case DoStatement action: _evaluator.Evaluate(action.Value, scope); break;
            case BreakStatement: return Flow.Break;
            case ContinueStatement: return Flow.Continue;
        }
        return Flow.Next;
    }

    private void For(ForStatement loop, object? value, Scope scope, int depth)
    {
        if (depth > MaxCallDepth)
            throw new JinjaException($"a recursive loop goes deeper than {MaxCallDepth} levels");
        var items = ValueOperations.Items(value, _budget);
        _budget.Items(items.Count);
        if (loop.Filter is not null)
            items = [.. items.Where(item => Passes(loop, item, scope))];
        if (items.Count == 0)
        {
            Execute(loop.Otherwise, new Scope(scope));
            return;
        }

        var state = new LoopValue(items, depth, loop.Recursive ? (inner, level) => Capture(() => For(loop, inner, scope, level)) : null, _budget);
        for (int i = 0; i < items.Count; i++)
        {
            // A scope for each round costs more than a step.
            _budget.Step(4);
            state.Index = i;
            var body = new Scope(scope);
            body.Set("loop", state);
            Assign(loop.Target, items[i], body);
            if (Execute(loop.Body, body) == Flow.Break)
                return;
        }
    }

    private bool Passes(ForStatement loop, object? item, Scope scope)
    {
        _budget.Step(4);
        var inner = new Scope(scope);
        Assign(loop.Target, item, inner);
        return ValueOperations.IsTrue(_evaluator.Evaluate(loop.Filter!, inner));
    }

    private void With(WithStatement with, Scope scope)
    {
        var inner = new Scope(scope);
        foreach (var (target, value) in with.Bindings)
            Assign(target, _evaluator.Evaluate(value, scope), inner);
        Execute(with.Body, inner);
    }

    private void Generation(GenerationStatement generation, Scope scope)
    {
        int start = _capturedBefore + _output.Length;
        Execute(generation.Body, new Scope(scope));
        GenerationSpans.Add(start..(_capturedBefore + _output.Length));
    }

    private void Assign(Target target, object? value, Scope scope)
    {
        switch (target)
        {
            case NameTarget name:
                scope.Set(name.Name, value);
                break;
            case NamespaceTarget space:
                if (!scope.TryGet(space.Name, _budget, out object? found) || found is not NamespaceValue attributes)
                    throw new JinjaException($"cannot set {space.Name}.{space.Attribute}: {space.Name} is not a namespace");
                attributes.Attributes[space.Attribute] = value;
                break;
            case TupleTarget tuple:
                var items = ValueOperations.Items(value, _budget);
                if (items.Count != tuple.Items.Count)
                    throw new JinjaException($"cannot unpack {items.Count} values into {tuple.Items.Count} names");
                for (int i = 0; i < items.Count; i++)
                    Assign(tuple.Items[i], items[i], scope);
                break;
        }
    }

    private object? Captured(IReadOnlyList<Statement> body, Expression? filter, Scope scope)
    {
        string text = Capture(() => Execute(body, new Scope(scope)));
        if (filter is null)
            return text;
        var inner = new Scope(scope);
        inner.Set(Evaluator.CapturedName, text);
        return _evaluator.Evaluate(filter, inner);
    }

    /// <summary>What an action prints. Generation blocks in it are placed as if it were printed at once.</summary>
    private string Capture(Action action)
    {
        var (outer, before) = (_output, _capturedBefore);
        (_output, _capturedBefore) = (new PaidText(_budget), before + outer.Length);
        try
        {
            action();
            return _output.ToString();
        }
        finally
        {
            (_output, _capturedBefore) = (outer, before);
        }
    }

    private Callable Macro(string name, IReadOnlyList<MacroParameter> parameters, IReadOnlyList<Statement> body, Scope scope) => new(name, arguments =>
    {
        _budget.Step(4);
        if (++_callDepth > MaxCallDepth)
            throw new JinjaException($"macros call each other deeper than {MaxCallDepth} levels");
        var inner = new Scope(scope);
        Bind(name, parameters, arguments, inner);
        string text = Capture(() => Execute(body, inner));
        _callDepth--;
        return text;
    });

    private void Bind(string macro, IReadOnlyList<MacroParameter> parameters, CallArguments arguments, Scope scope)
    {
        _budget.Step((1 + (long)arguments.Named.Count) * parameters.Count);
        if (arguments.Positional.Count > parameters.Count)
            throw new JinjaException($"macro {macro} takes {parameters.Count} arguments, {arguments.Positional.Count} were given");
        foreach (string name in arguments.Named.Keys)
        {
            if (name != "caller" && parameters.All(parameter => parameter.Name != name))
                throw new JinjaException($"macro {macro} has no parameter {name}");
        }

        if (arguments.Named.TryGetValue("caller", out object? caller))
            scope.Set("caller", caller);
        for (int i = 0; i < parameters.Count; i++)
        {
            var parameter = parameters[i];
            scope.Set(parameter.Name, arguments.TryGet(i, parameter.Name, out object? value) ? value
                : parameter.Default is not null ? _evaluator.Evaluate(parameter.Default, scope)
                : new Undefined($"parameter '{parameter.Name}' was not provided"));
        }
    }

    private object? CallWithBody(CallStatement call, Scope scope)
    {
        var given = _evaluator.Arguments(call.Call.Arguments, "call", scope);
        var named = new Dictionary<string, object?>(given.Named, StringComparer.Ordinal) { ["caller"] = Macro("caller", call.Parameters, call.Body, scope) };
        return _evaluator.Call(_evaluator.Evaluate(call.Call.Callee, scope), new CallArguments("call", given.Positional, named));
    }

    private enum Flow
    {
        Next,
        Break,
        Continue,
    }
}
