using System.Globalization;
using System.Text;

namespace MLNet.Dpo.Text.ChatTemplates.Jinja;

/// <summary>C's <c>strftime</c> in the C locale; <c>%-d</c> and the like leave out the leading zero.</summary>
internal static class Strftime
{
    public static string Format(DateTimeOffset now, string format, Budget budget)
    {
        // A directive of two characters writes up to 24, slowly.
        budget.Text(12L * format.Length);
        budget.Step(format.Length);
        var output = new StringBuilder();
        for (int i = 0; i < format.Length; i++)
        {
            if (format[i] != '%' || i + 1 == format.Length)
            {
                output.Append(format[i]);
                continue;
            }
            bool bare = format[i + 1] == '-' && i + 2 < format.Length;
            i += bare ? 2 : 1;
            string field = Field(now, format[i]) ?? throw new JinjaException($"strftime_now() does not know %{format[i]}");
            output.Append(bare && field.Length > 1 ? field.TrimStart('0', ' ') is { Length: > 0 } trimmed ? trimmed : "0" : field);
        }
        return output.ToString();
    }

    private static string? Field(DateTimeOffset now, char directive) => directive switch
    {
        'a' => In(now, "ddd"),
        'A' => In(now, "dddd"),
        'b' or 'h' => In(now, "MMM"),
        'B' => In(now, "MMMM"),
        'c' => $"{In(now, "ddd MMM")} {now.Day,2} {In(now, "HH:mm:ss yyyy")}",
        'd' => In(now, "dd"),
        'D' or 'x' => In(now, "MM'/'dd'/'yy"),
        'e' => now.Day.ToString(CultureInfo.InvariantCulture).PadLeft(2),
        'F' => In(now, "yyyy-MM-dd"),
        'H' => In(now, "HH"),
        'I' => In(now, "hh"),
        'j' => now.DayOfYear.ToString("000", CultureInfo.InvariantCulture),
        'm' => In(now, "MM"),
        'M' => In(now, "mm"),
        'n' => "\n",
        'p' => now.Hour < 12 ? "AM" : "PM",
        'R' => In(now, "HH:mm"),
        's' => now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
        'S' => In(now, "ss"),
        't' => "\t",
        'T' or 'X' => In(now, "HH:mm:ss"),
        'u' => (now.DayOfWeek == DayOfWeek.Sunday ? 7 : (int)now.DayOfWeek).ToString(CultureInfo.InvariantCulture),
        'w' => ((int)now.DayOfWeek).ToString(CultureInfo.InvariantCulture),
        'y' => In(now, "yy"),
        'Y' => In(now, "yyyy"),
        '%' => "%",
        _ => null,
    };

    private static string In(DateTimeOffset now, string format) => now.ToString(format, CultureInfo.InvariantCulture);
}
