using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace MLNet.Dpo.Jinja;

/// <summary>Python's <c>'...' % values</c> with <c>%s %r %d %i %f %.Nf %%</c>.</summary>
internal static partial class PercentFormat
{
    public static string Apply(string format, object? values, Budget budget)
    {
        IReadOnlyList<object?> arguments = values is ListValue { IsTuple: true } tuple ? tuple : new object?[] { values };
        var output = new StringBuilder();
        int at = 0, used = 0;
        foreach (Match match in Directive().Matches(format))
        {
            output.Append(format, at, match.Index - at);
            at = match.Index + match.Length;
            if (match.Value == "%%")
                output.Append('%');
            else if (used >= arguments.Count)
                throw new JinjaException("not enough arguments for the format string");
            else
                output.Append(Format(match, arguments[used++]));
            budget.Text(output.Length);
        }
        if (format.AsSpan(at).Contains('%'))
            throw new JinjaException($"the format {format} has a directive other than %s %r %d %i %f %%");
        if (used < arguments.Count && values is not MappingValue)
            throw new JinjaException("not all arguments are used by the format string");
        return output.Append(format, at, format.Length - at).ToString();
    }

    private static string Format(Match match, object? value)
    {
        char type = match.Value[^1];
        if (type == 's')
            return PythonRepr.Text(value);
        if (type == 'r')
            return PythonRepr.Repr(value);
        if (!ValueOperations.TryNumber(value, out double number))
            throw new JinjaException($"%{type} needs a number, not {ValueOperations.TypeName(value)}");
        if (type is 'd' or 'i')
            return ValueOperations.ToInteger(value)!.Value.ToString(CultureInfo.InvariantCulture);
        int digits = match.Groups[1].Success ? Math.Min(int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture), 99) : 6;
        return number.ToString("F" + digits, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"%(?:\.(\d{1,2}))?[srdif]|%%")]
    private static partial Regex Directive();
}
