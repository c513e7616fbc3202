using System.Globalization;
using System.Numerics;
using System.Text;

namespace MLNet.Dpo.Text.ChatTemplates.Jinja;

/// <summary>Values as Python prints them: <c>str()</c> and <c>repr()</c>.</summary>
internal static class PythonRepr
{
    // -1.7976931348623157e+308
    private const int LongestFloat = 24;

    /// <summary><c>str(value)</c>: what <c>{{ value }}</c> prints.</summary>
    public static string Text(object? value, Budget budget) => value switch
    {
        string text => text,
        Undefined => "",
        _ => Repr(value, budget),
    };

    public static string Repr(object? value, Budget budget)
    {
        // A text under construction is an object of its own.
        budget.Step(4);
        var output = new PaidText(budget);
        Write(value, output, budget);
        return output.ToString();
    }

    /// <summary>The decimal digits of an integer, of which Python writes no more than it reads.</summary>
    public static string Integer(BigInteger value, Budget budget)
    {
        budget.Integer(value.GetBitLength());
        string digits = value.ToString(CultureInfo.InvariantCulture);
        return digits.Length <= ValueOperations.MaxDigits + 1 ? digits : throw new JinjaException($"an integer has more than {ValueOperations.MaxDigits} digits");
    }

    /// <summary>The shortest decimal that reads back as the same double, in Python's form (<c>1.0</c>, <c>1e-07</c>, <c>1e+16</c>).</summary>
    public static string Float(double value, Budget budget)
    {
        budget.Number(LongestFloat);
        if (double.IsNaN(value))
            return "nan";
        if (double.IsInfinity(value))
            return value > 0 ? "inf" : "-inf";
        string digits = Digits(value.ToString("R", CultureInfo.InvariantCulture), out int exponent);
        string sign = value < 0 || value == 0 && double.IsNegative(value) ? "-" : "";
        if (exponent is < -4 or >= 16)
        {
            string mantissa = digits.Length == 1 ? digits : digits[0] + "." + digits[1..];
            return string.Create(CultureInfo.InvariantCulture, $"{sign}{mantissa}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}");
        }
        if (exponent < 0)
            return sign + "0." + new string('0', -exponent - 1) + digits;
        digits = digits.PadRight(exponent + 2, '0');
        return sign + digits[..(exponent + 1)] + "." + digits[(exponent + 1)..];
    }

    /// <summary>The significant digits of a number in "R" format; gives the exponent of the first one.</summary>
    private static string Digits(string number, out int exponent)
    {
        int e = number.IndexOf('E');
        string mantissa = (e >= 0 ? number[..e] : number).TrimStart('-');
        int point = mantissa.IndexOf('.');
        int integers = point >= 0 ? point : mantissa.Length;
        string all = mantissa.Replace(".", "");
        int zeros = all.Length - all.TrimStart('0').Length;
        string digits = all.Trim('0');
        if (digits.Length == 0)
        {
            exponent = 0;
            return "0";
        }
        exponent = integers - 1 - zeros + (e >= 0 ? int.Parse(number[(e + 1)..], CultureInfo.InvariantCulture) : 0);
        return digits;
    }

    private static void Write(object? value, PaidText output, Budget budget)
    {
        budget.Step();
        budget.Enter();
        switch (value)
        {
            case null: output.Append("None"); break;
            case bool flag: output.Append(flag ? "True" : "False"); break;
            case BigInteger integer: output.Append(Integer(integer, budget)); break;
            case double number: output.Append(Float(number, budget)); break;
            case string text: Quote(text, output); break;
            case Undefined: output.Append("Undefined"); break;
            case ListValue list: WriteList(list, output, budget); break;
            case MappingValue mapping: WriteMapping(mapping, output, budget); break;
            case Callable callable: output.Append("<function ").Append(callable.Name).Append('>'); break;
            default: output.Append("<namespace>"); break;
        }
        budget.Leave();
    }

    private static void WriteList(ListValue list, PaidText output, Budget budget)
    {
        output.Append(list.IsTuple ? '(' : '[');
        for (int i = 0; i < list.Count; i++)
        {
            if (i > 0)
                output.Append(", ");
            Write(list[i], output, budget);
        }
        if (list.IsTuple && list.Count == 1)
            output.Append(',');
        output.Append(list.IsTuple ? ')' : ']');
    }

    private static void WriteMapping(MappingValue mapping, PaidText output, Budget budget)
    {
        output.Append('{');
        bool first = true;
        foreach (var (key, value) in mapping.Entries)
        {
            if (!first)
                output.Append(", ");
            first = false;
            Write(key, output, budget);
            output.Append(": ");
            Write(value, output, budget);
        }
        output.Append('}');
    }

    private static void Quote(string text, PaidText output)
    {
        char quote = text.Contains('\'') && !text.Contains('"') ? '"' : '\'';
        output.Append(quote);
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value == quote || rune.Value == '\\')
                output.Append('\\').Append((char)rune.Value);
            else if (rune.Value is '\n' or '\r' or '\t')
                output.Append('\\').Append("trn"[rune.Value == '\t' ? 0 : rune.Value == '\r' ? 1 : 2]);
            else if (IsPrintable(rune))
                output.Append(rune.ToString());
            else
                output.Append(rune.Value switch { < 0x100 => $"\\x{rune.Value:x2}", < 0x10000 => $"\\u{rune.Value:x4}", _ => $"\\U{rune.Value:x8}" });
        }
        output.Append(quote);
    }

    private static bool IsPrintable(Rune rune) => rune.Value == ' ' || Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.SpaceSeparator);
}
