using System.Numerics;

namespace MLNet.Dpo.Text.ChatTemplates.Jinja;

/// <summary>The tests of <c>value is name</c>.</summary>
internal static class Tests
{
    public static bool Apply(string name, object? value, CallArguments arguments, Budget budget) => name switch
    {
        "defined" => value is not Undefined,
        "undefined" => value is Undefined,
        "none" => value is null,
        "true" => value is true,
        "false" => value is false,
        "boolean" => value is bool,
        "string" => value is string,
        "mapping" => value is MappingValue,
        "sequence" => value is string or ListValue or MappingValue or Undefined,
        "iterable" => value is string or ListValue or MappingValue or Undefined,
        "number" => value is BigInteger or double or bool,
        "integer" => value is BigInteger,
        "float" => value is double,
        "callable" => value is Callable,
        "odd" => !Whole(value, name).IsEven,
        "even" => Whole(value, name).IsEven,
        "divisibleby" => Divides(Whole(arguments.Required(0, "num"), name), Whole(value, name), budget),
        "lower" => Cased(value, budget) is var text && text == text.ToLowerInvariant() && text != text.ToUpperInvariant(),
        "upper" => Cased(value, budget) is var text && text == text.ToUpperInvariant() && text != text.ToLowerInvariant(),
        "eq" or "equalto" or "==" => ValueOperations.AreEqual(value, arguments.Required(0, "other"), budget),
        "ne" or "!=" => !ValueOperations.AreEqual(value, arguments.Required(0, "other"), budget),
        "lt" or "lessthan" or "<" => ValueOperations.Compare(value, arguments.Required(0, "other"), budget) < 0,
        "le" or "<=" => ValueOperations.Compare(value, arguments.Required(0, "other"), budget) <= 0,
        "gt" or "greaterthan" or ">" => ValueOperations.Compare(value, arguments.Required(0, "other"), budget) > 0,
        "ge" or ">=" => ValueOperations.Compare(value, arguments.Required(0, "other"), budget) >= 0,
        "in" => ValueOperations.Contains(arguments.Required(0, "seq"), value, budget),
        "sameas" => ReferenceEquals(value, arguments.Required(0, "other")) || value is bool or null or BigInteger or string && Equals(value, arguments.Required(0, "other")),
        "escaped" => false,
        "filter" => value is string filter && Filters.Exists(filter),
        "test" => value is string test && Exists(test),
        _ => throw new JinjaException($"there is no test named '{name}'"),
    };

    private static string Cased(object? value, Budget budget)
    {
        string text = PythonRepr.Text(value, budget);
        budget.Text(2L * text.Length);
        return text;
    }

    private static bool Divides(BigInteger divisor, BigInteger number, Budget budget)
    {
        if (divisor.IsZero)
            throw new JinjaException("division by zero");
        budget.Integer(number.GetBitLength());
        return (number % divisor).IsZero;
    }

    public static bool Exists(string name) => name is "defined" or "undefined" or "none" or "true" or "false" or "boolean" or "string" or "mapping" or "sequence"
        or "iterable" or "number" or "integer" or "float" or "callable" or "odd" or "even" or "divisibleby" or "lower" or "upper" or "eq" or "equalto" or "=="
        or "ne" or "!=" or "lt" or "lessthan" or "<" or "le" or "<=" or "gt" or "greaterthan" or ">" or "ge" or ">=" or "in" or "sameas" or "escaped" or "filter" or "test";

    private static BigInteger Whole(object? value, string test) => value is BigInteger or bool
        ? ValueOperations.ToInteger(value)!.Value
        : throw new JinjaException(ValueOperations.MessageOf(value) ?? $"the test '{test}' needs an integer, not {ValueOperations.TypeName(value)}");
}
