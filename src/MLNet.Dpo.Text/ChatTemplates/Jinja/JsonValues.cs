using System.Globalization;
using System.Numerics;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MLNet.Dpo.Text.ChatTemplates.Jinja;

/// <summary>Turns JSON into values of templates: key order kept, <c>1.0</c> a float, integers of up to <see cref="ValueOperations.MaxDigits"/> digits.</summary>
internal static class JsonValues
{
    /// <summary>Converts a value and raises the limits of <paramref name="budget"/> by its size.</summary>
    public static object? Convert(JsonNode? node, Budget budget)
    {
        budget.Enter();
        budget.Grant(0);
        object? value = node switch
        {
            null => null,
            JsonArray array => new ListValue([.. array.Select(item => Convert(item, budget))]),
            JsonObject entries => Mapping(entries, budget),
            _ => Scalar((JsonValue)node, budget),
        };
        budget.Leave();
        return value;
    }

    private static MappingValue Mapping(JsonObject entries, Budget budget)
    {
        var mapping = new MappingValue();
        foreach (var (key, value) in entries)
            mapping.Set(key, Convert(value, budget), budget);
        return mapping;
    }

    private static object? Scalar(JsonValue value, Budget budget)
    {
        switch (value.GetValueKind())
        {
            case JsonValueKind.String:
                string text = value.GetValue<string>();
                budget.Grant(text.Length);
                return text;
            case JsonValueKind.True: return true;
            case JsonValueKind.False: return false;
            case JsonValueKind.Null: return null;
        }
        string number = value.ToJsonString();
        if (number.AsSpan().ContainsAny(".eE") && double.TryParse(number, CultureInfo.InvariantCulture, out double real))
            return real;
        if (number.Length <= ValueOperations.MaxDigits && BigInteger.TryParse(number, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var integer))
            return integer;
        throw new JinjaException($"{number[..Math.Min(number.Length, 20)]}... is not a number that templates can read (at most {ValueOperations.MaxDigits} digits)");
    }
}
