using System.Numerics;
using System.Text;

namespace MLNet.Dpo.Text.ChatTemplates.Jinja;

/// <summary>The operators + - * / // % ** ~ and the sign.</summary>
internal static class Arithmetic
{
    private const int MaxBits = 16_384;

    public static object? Apply(string operation, object? left, object? right, Budget budget)
    {
        if (operation == "~")
            return Concat(PythonRepr.Text(left, budget), PythonRepr.Text(right, budget), budget);
        if (ValueOperations.MessageOf(left, right) is { } undefined)
            throw new JinjaException(undefined);
        if (operation == "%" && left is string format)
            return PercentFormat.Apply(format, right, budget);
        if (ValueOperations.TryNumber(left, out double a) && ValueOperations.TryNumber(right, out double b))
            return left is double || right is double ? Real(operation, a, b) : Whole(operation, ToWhole(left), ToWhole(right), budget);
        return (operation, left, right) switch
        {
            ("+", string x, string y) => Concat(x, y, budget),
            ("+", ListValue x, ListValue y) when x.IsTuple == y.IsTuple => Join(x, y, budget),
            ("*", string text, BigInteger count) => Repeat(text, count, budget),
            ("*", BigInteger count, string text) => Repeat(text, count, budget),
            ("*", ListValue list, BigInteger count) => Repeat(list, count, budget),
            _ => throw new JinjaException($"'{operation}' is not supported between {ValueOperations.TypeName(left)} and {ValueOperations.TypeName(right)}"),
        };
    }

    public static object? Negate(object? value) => value switch
    {
        double number => -number,
        BigInteger or bool => -ToWhole(value),
        _ => throw new JinjaException(ValueOperations.MessageOf(value) ?? $"'-' is not supported for {ValueOperations.TypeName(value)}"),
    };

    public static object? Plus(object? value) => value switch
    {
        double => value,
        BigInteger or bool => ToWhole(value),
        _ => throw new JinjaException(ValueOperations.MessageOf(value) ?? $"'+' is not supported for {ValueOperations.TypeName(value)}"),
    };

    private static BigInteger ToWhole(object? value) => value is bool flag ? flag ? 1 : 0 : (BigInteger)value!;

    private static object Whole(string operation, BigInteger a, BigInteger b, Budget budget)
    {
        if (operation is "/" or "//" or "%" && b.IsZero)
            throw new JinjaException("division by zero");
        if (operation == "/")
            return (double)a / (double)b;
        if (operation == "**" && b < 0)
            return Math.Pow((double)a, (double)b);
        long bits = operation switch
        {
            "**" => b > MaxBits ? long.MaxValue : a.GetBitLength() * (long)b,
            "*" => a.GetBitLength() + b.GetBitLength(),
            _ => Math.Max(a.GetBitLength(), b.GetBitLength()),
        };
        if (bits > MaxBits)
            throw new JinjaException("an integer is too large");
        budget.Integer(bits);
        return operation switch
        {
            "+" => a + b,
            "-" => a - b,
            "*" => a * b,
            "**" => BigInteger.Pow(a, (int)b),
            "//" => FloorDivide(a, b),
            _ => a - FloorDivide(a, b) * b,
        };
    }

    private static BigInteger FloorDivide(BigInteger a, BigInteger b)
    {
        var quotient = BigInteger.DivRem(a, b, out var remainder);
        return !remainder.IsZero && remainder.Sign != b.Sign ? quotient - 1 : quotient;
    }

    private static object Real(string operation, double a, double b)
    {
        if (operation is "/" or "//" or "%" && b == 0)
            throw new JinjaException("division by zero");
        return operation switch
        {
            "+" => a + b,
            "-" => a - b,
            "*" => a * b,
            "/" => a / b,
            "//" => Math.Floor(a / b),
            "**" => Math.Pow(a, b),
            _ => a - Math.Floor(a / b) * b,
        };
    }

    private static string Concat(string left, string right, Budget budget)
    {
        budget.Text((long)left.Length + right.Length);
        return left + right;
    }

    private static ListValue Join(ListValue left, ListValue right, Budget budget)
    {
        budget.Items((long)left.Count + right.Count);
        return new ListValue([.. left, .. right], left.IsTuple);
    }

    private static string Repeat(string text, BigInteger count, Budget budget)
    {
        int times = count < 0 || text.Length == 0 ? 0 : (int)BigInteger.Min(count, int.MaxValue);
        budget.Text((long)text.Length * times);
        return new StringBuilder().Insert(0, text, times).ToString();
    }

    private static ListValue Repeat(ListValue list, BigInteger count, Budget budget)
    {
        int times = count < 0 || list.Count == 0 ? 0 : (int)BigInteger.Min(count, int.MaxValue);
        budget.Items((long)list.Count * times);
        return new ListValue([.. Enumerable.Repeat(list, times).SelectMany(items => items)], list.IsTuple);
    }
}
