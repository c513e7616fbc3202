using System.Globalization;
using System.Text.RegularExpressions;

namespace MLNet.Dpo.Text.ChatTemplates.Jinja;

/// <summary>Python's <c>'...' % values</c> with <c>%s %r %d %i %f %%</c>, a width and a precision.</summary>
internal static partial class PercentFormat
{
    public static string Apply(string format, object? values, Budget budget)
    {
        IReadOnlyList<object?> arguments = values is ListValue { IsTuple: true } tuple ? tuple : new object?[] { values };
        var output = new PaidText(budget);
        int at = 0, used = 0;
        // Each directive makes small objects.
        budget.Text(4L * format.Length);
        foreach (Match match in Directive().Matches(format))
        {
            budget.Step(12);
            output.Append(format.AsSpan(at, match.Index - at));
            at = match.Index + match.Length;
            if (match.Value == "%%")
                output.Append('%');
            else if (used >= arguments.Count)
                throw new JinjaException("not enough arguments for the format string");
            else
                output.Append(Padded(match, Format(match, arguments[used++], budget)));
        }
        if (format.AsSpan(at).Contains('%'))
            throw new JinjaException($"the format {format} has a directive other than %s %r %d %i %f %%");
        if (used < arguments.Count && values is not MappingValue)
            throw new JinjaException("not all arguments are used by the format string");
        return output.Append(format.AsSpan(at)).ToString();
    }

    private static string Padded(Match match, string text)
    {
        int width = match.Groups["width"].Length > 0 ? int.Parse(match.Groups["width"].ValueSpan, CultureInfo.InvariantCulture) : 0;
        string flags = match.Groups["flags"].Value;
        if (flags.Contains('-'))
            return text.PadRight(width);
        if (!flags.Contains('0') || match.Value[^1] is 's' or 'r')
            return text.PadLeft(width);
        return text.StartsWith('-') ? "-" + text[1..].PadLeft(Math.Max(0, width - 1), '0') : text.PadLeft(width, '0');
    }

    private static string Format(Match match, object? value, Budget budget)
    {
        char type = match.Value[^1];
        if (type == 's')
            return PythonRepr.Text(value, budget);
        if (type == 'r')
            return PythonRepr.Repr(value, budget);
        if (!ValueOperations.TryNumber(value, out double number))
            throw new JinjaException($"%{type} needs a number, not {ValueOperations.TypeName(value)}");
        if (type is 'd' or 'i')
            return PythonRepr.Integer(ValueOperations.ToInteger(value) ?? throw new JinjaException($"%{type} needs a finite number"), budget);
        int digits = match.Groups["precision"].Success ? int.Parse(match.Groups["precision"].ValueSpan, CultureInfo.InvariantCulture) : 6;
        // Up to 309 digits before the point, each of them a division of a long integer.
        budget.Number(8 * (digits + Math.Max(1, (int)Math.Log10(Math.Abs(number) + 1))));
        return number.ToString("F" + digits, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"%(?<flags>[-0]*)(?<width>\d{0,3})(?:\.(?<precision>\d{1,2}))?[srdif]|%%")]
    private static partial Regex Directive();
}
