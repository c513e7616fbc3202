using System.Globalization;
using System.Numerics;

namespace MLNet.Dpo.Text.ChatTemplates.Jinja;

/// <summary>The filters of <c>value | name</c> on single values; those on sequences are in <see cref="SequenceFilters"/>.</summary>
internal static class Filters
{
    private static readonly string[] Names =
    [
        "abs", "capitalize", "center", "d", "default", "e", "escape", "float", "format", "indent", "int", "lower", "replace", "round", "safe", "string", "title", "tojson",
        "trim", "truncate", "upper", "urlencode", "wordcount", "attr", "pprint", "forceescape",
    ];

    public static bool Exists(string name) => Names.Contains(name) || SequenceFilters.Exists(name);

    public static object? Apply(string name, object? value, CallArguments arguments, Budget budget)
    {
        budget.Step();
        return name switch
        {
            "default" or "d" => Default(value, arguments),
            "tojson" => ToJson(value, arguments, budget),
            "int" => Int(value, budget) ?? arguments.Get(0, "default", BigInteger.Zero),
            "float" => Float(value, arguments.Get(0, "default", 0.0), budget),
            "abs" => Abs(value),
            "round" => Round(value, arguments),
            "attr" => Access.Attribute(value, arguments.Text(0, "name"), budget),
            _ when Names.Contains(name) => ApplyToText(name, PythonRepr.Text(value, budget), arguments, budget),
            _ => SequenceFilters.Apply(name, value, arguments, budget),
        };
    }

    private static string ApplyToText(string name, string text, CallArguments arguments, Budget budget)
    {
        budget.Text(text.Length);
        return name switch
        {
            "trim" => StringMethods.Strip(text, arguments.Get(0, "chars"), true, true, budget),
            "upper" => text.ToUpperInvariant(),
            "lower" => text.ToLowerInvariant(),
            "capitalize" => PythonText.Capitalize(text),
            "title" => StringMethods.Title(text, budget),
            "replace" => StringMethods.Replace(text, PythonRepr.Text(arguments.Required(0, "old"), budget), PythonRepr.Text(arguments.Required(1, "new"), budget), arguments.Integer(2, "count", -1), budget),
            "indent" => Indent(text, arguments, budget),
            "center" => (string)StringMethods.Find(text, "center", budget)!.Invoke(arguments)!,
            "truncate" => Truncate(text, arguments, budget),
            "format" => PercentFormat.Apply(text, new ListValue(arguments.Positional, isTuple: true), budget),
            "urlencode" => UrlEncode(ContentMarks.Plain(text), budget),
            "wordcount" => StringSplitting.Split(text, null, -1, budget).Count.ToString(CultureInfo.InvariantCulture),
            "escape" or "e" or "forceescape" => Escape(text, budget),
            _ => text, // string, safe, pprint of a text
        };
    }

    private static string UrlEncode(string text, Budget budget)
    {
        // A character takes up to three bytes, a byte three characters.
        budget.Text(9L * text.Length);
        return Uri.EscapeDataString(text).Replace("%2F", "/");
    }

    private static string Escape(string text, Budget budget)
    {
        // A quotation mark becomes five characters, the longest of them.
        budget.Text(5L * text.Length);
        foreach (var (special, entity) in new[] { ('&', "&amp;"), ('<', "&lt;"), ('>', "&gt;") })
            text = text.Replace(special.ToString(), entity).Replace(ContentMarks.Mark(special).ToString(), entity);
        return text.Replace("'", "&#39;").Replace("\"", "&#34;");
    }

    private static object? Default(object? value, CallArguments arguments)
    {
        bool missing = value is Undefined || ValueOperations.IsTrue(arguments.Get(1, "boolean", false)) && !ValueOperations.IsTrue(value);
        return missing ? arguments.Get(0, "default_value", "") : value;
    }

    private static string ToJson(object? value, CallArguments arguments, Budget budget)
    {
        string? indent = arguments.TryGet(1, "indent", out object? given) || arguments.Named.TryGetValue("indent", out given) ? Indentation(given) : null;
        var separators = arguments.Get(2, "separators") as ListValue;
        return new PythonJson(
            indent,
            ValueOperations.IsTrue(arguments.Get(0, "ensure_ascii", false)),
            ValueOperations.IsTrue(arguments.Get(3, "sort_keys", false)),
            (separators is { Count: > 0 } ? separators[0] as string : null) ?? (indent is null ? ", " : ","),
            separators is { Count: > 1 } ? separators[1] as string ?? ": " : ": ",
            budget).Write(value);
    }

    private static string? Indentation(object? indent) => indent switch
    {
        null => null,
        string text => text,
        _ => new string(' ', Math.Clamp(ValueOperations.ToInt(indent, "tojson's indent"), 0, 100)),
    };

    private static BigInteger? Int(object? value, Budget budget)
    {
        // Four bits a digit.
        if (value is string text)
        {
            budget.Number(text.Length);
            budget.Integer(4L * Math.Min(text.Length, ValueOperations.MaxDigits));
        }
        return ValueOperations.ToInteger(value);
    }

    private static object? Float(object? value, object? fallback, Budget budget)
    {
        budget.Number(value is string given ? given.Length : 0);
        if (ValueOperations.TryNumber(value, out double number))
            return number;
        return value is string text && double.TryParse(PythonText.Trim(text), NumberStyles.Float, CultureInfo.InvariantCulture, out double parsed) ? parsed : fallback;
    }

    private static object? Abs(object? value) => value switch
    {
        double number => Math.Abs(number),
        BigInteger integer => BigInteger.Abs(integer),
        bool flag => flag ? BigInteger.One : BigInteger.Zero,
        _ => throw new JinjaException(ValueOperations.MessageOf(value) ?? $"abs needs a number, not {ValueOperations.TypeName(value)}"),
    };

    private static object Round(object? value, CallArguments arguments)
    {
        if (!ValueOperations.TryNumber(value, out double number))
            throw new JinjaException(ValueOperations.MessageOf(value) ?? $"round needs a number, not {ValueOperations.TypeName(value)}");
        double scale = Math.Pow(10, Math.Clamp(arguments.Integer(0, "precision", 0), -400, 400));
        // No digit is left to round where the number is that large, and none to keep where the precision is that low.
        if (!double.IsFinite(number) || !double.IsFinite(scale) || Math.Abs(number * scale) >= 1e15)
            return number;
        if (scale < 1e-15)
            return 0.0;
        return arguments.Get(1, "method", "common") switch
        {
            "ceil" => Math.Ceiling(number * scale) / scale,
            "floor" => Math.Floor(number * scale) / scale,
            _ => (double)(Math.Round((decimal)(number * scale), MidpointRounding.ToEven) / (decimal)scale),
        };
    }

    private static string Indent(string text, CallArguments arguments, Budget budget)
    {
        object? width = arguments.Get(0, "width", new BigInteger(4));
        string indentation = width as string ?? new string(' ', Math.Clamp(ValueOperations.ToInt(width, "indent's width"), 0, 1000));
        bool first = ValueOperations.IsTrue(arguments.Get(1, "first", false)), blank = ValueOperations.IsTrue(arguments.Get(2, "blank", false));
        int count = text.AsSpan().Count('\n') + 1;
        budget.Items(count, bytes: 80);
        budget.Text(text.Length + (long)indentation.Length * count);
        string[] lines = text.Split('\n');
        return string.Join('\n', lines.Select((line, index) => (index == 0 ? first : blank || line.Length > 0) ? indentation + line : line));
    }

    private static string Truncate(string text, CallArguments arguments, Budget budget)
    {
        int length = arguments.Integer(0, "length", 255), leeway = arguments.Integer(3, "leeway", 5);
        bool cutWords = ValueOperations.IsTrue(arguments.Get(1, "killwords", false));
        string end = PythonRepr.Text(arguments.Get(2, "end", "..."), budget);
        var points = ValueOperations.Items(text, budget);
        if (points.Count <= (long)length + leeway)
            return text;
        string cut = string.Concat(points.Take((int)Math.Max(0, (long)length - PythonText.Length(end))));
        int blank = cut.LastIndexOf(' ');
        return (cutWords || blank < 0 ? cut : cut[..blank]) + end;
    }
}
