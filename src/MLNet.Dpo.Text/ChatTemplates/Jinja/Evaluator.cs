namespace MLNet.Dpo.Text.ChatTemplates.Jinja;

/// <summary>Evaluates expressions.</summary>
internal sealed class Evaluator(Budget budget, TimeProvider time)
{
    /// <summary>The line of what is being evaluated, for errors.</summary>
    public int Line { get; set; }

    public object? Evaluate(Expression expression, Scope scope)
    {
        budget.Step();
        Line = expression.Line;
        budget.Enter();
        object? value = expression switch
        {
            Literal literal => literal.Value,
            NameExpression name => scope.TryGet(name.Name, budget, out object? found) ? found : Globals.Find(name.Name, time, budget),
            AttributeExpression attribute => Access.Attribute(Evaluate(attribute.Target, scope), attribute.Name, budget),
            IndexExpression index => Access.Item(Evaluate(index.Target, scope), Evaluate(index.Index, scope), budget),
            SliceExpression slice => Slice(slice, scope),
            CallExpression call => Call(Evaluate(call.Callee, scope), Arguments(call.Arguments, "call", scope)),
            FilterExpression filter => Filters.Apply(filter.Name, Evaluate(filter.Input, scope), Arguments(filter.Arguments, filter.Name, scope), budget),
            TestExpression test => Tests.Apply(test.Name, Evaluate(test.Input, scope), Arguments(test.Arguments, test.Name, scope), budget),
            UnaryExpression unary => Unary(unary, scope),
            BinaryExpression binary => Binary(binary, scope),
            CompareExpression compare => Compare(compare, scope),
            ConditionalExpression conditional => Conditional(conditional, scope),
            ListExpression list => List(list, scope),
            MappingExpression mapping => Mapping(mapping, scope),
            CapturedText => scope.TryGet(CapturedName, budget, out object? text) ? text : "",
            _ => throw new JinjaException($"{expression.GetType().Name} cannot be evaluated"),
        };
        budget.Leave();
        return value;
    }

    /// <summary>Under what name a block's captured text is passed to its filters; no template can write it.</summary>
    public const string CapturedName = " captured";

    public object? Call(object? callee, CallArguments arguments) => callee switch
    {
        Callable callable => callable.Invoke(arguments),
        LoopValue loop => loop.Recurse(arguments.Required(0, "iterable")),
        _ => throw new JinjaException(ValueOperations.MessageOf(callee) ?? $"{ValueOperations.TypeName(callee)} cannot be called"),
    };

    public CallArguments Arguments(ArgumentList list, string function, Scope scope)
    {
        if (list == ArgumentList.Empty)
            return new CallArguments(function, [], new Dictionary<string, object?>());
        object?[] positional = [.. list.Positional.Select(argument => Evaluate(argument, scope))];
        var named = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var (name, value) in list.Named)
            named[name] = Evaluate(value, scope);
        return new CallArguments(function, positional, named);
    }

    private object? Slice(SliceExpression slice, Scope scope)
    {
        object? Bound(Expression? bound) => bound is null ? null : Evaluate(bound, scope);
        return Access.Slice(Evaluate(slice.Target, scope), Bound(slice.Start), Bound(slice.Stop), Bound(slice.Step), budget);
    }

    private object? Unary(UnaryExpression unary, Scope scope)
    {
        object? value = Evaluate(unary.Operand, scope);
        return unary.Operator switch
        {
            "not" => !ValueOperations.IsTrue(value),
            "-" => Arithmetic.Negate(value),
            _ => Arithmetic.Plus(value),
        };
    }

    private object? Binary(BinaryExpression binary, Scope scope)
    {
        object? left = Evaluate(binary.Left, scope);
        if (binary.Operator is "and" or "or")
            return ValueOperations.IsTrue(left) == (binary.Operator == "or") ? left : Evaluate(binary.Right, scope);
        return Arithmetic.Apply(binary.Operator, left, Evaluate(binary.Right, scope), budget);
    }

    private object? Compare(CompareExpression compare, Scope scope)
    {
        object? left = Evaluate(compare.First, scope);
        foreach (var (operation, operand) in compare.Rest)
        {
            object? right = Evaluate(operand, scope);
            bool holds = operation switch
            {
                "==" => ValueOperations.AreEqual(left, right, budget),
                "!=" => !ValueOperations.AreEqual(left, right, budget),
                "<" => ValueOperations.Compare(left, right, budget) < 0,
                "<=" => ValueOperations.Compare(left, right, budget) <= 0,
                ">" => ValueOperations.Compare(left, right, budget) > 0,
                ">=" => ValueOperations.Compare(left, right, budget) >= 0,
                "in" => ValueOperations.Contains(right, left, budget),
                _ => !ValueOperations.Contains(right, left, budget),
            };
            if (!holds)
                return false;
            left = right;
        }
        return true;
    }

    private object? Conditional(ConditionalExpression conditional, Scope scope)
    {
        if (ValueOperations.IsTrue(Evaluate(conditional.Condition, scope)))
            return Evaluate(conditional.Then, scope);
        return conditional.Otherwise is null ? new Undefined("the condition is false and there is no else") : Evaluate(conditional.Otherwise, scope);
    }

    private ListValue List(ListExpression list, Scope scope)
    {
        budget.Bytes(100 + 8 * list.Items.Count);
        return new ListValue([.. list.Items.Select(item => Evaluate(item, scope))], list.IsTuple);
    }

    private MappingValue Mapping(MappingExpression mapping, Scope scope)
    {
        budget.Bytes(200 + mapping.Entries.Count * MappingValue.EntryBytes);
        var value = new MappingValue();
        foreach (var (key, entry) in mapping.Entries)
            value.Set(Evaluate(key, scope), Evaluate(entry, scope), budget);
        return value;
    }
}
