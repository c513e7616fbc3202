using MLNet.Dpo.Data;

namespace MLNet.Dpo.Inspection;

/// <summary>A form that answers have or have not, told by how they begin or are laid out.</summary>
/// <param name="Name">What a person calls it.</param>
/// <param name="Has">Whether a trimmed answer has it.</param>
internal sealed record AnswerForm(string Name, Func<string, bool> Has)
{
    /// <summary>The forms that are looked for.</summary>
    internal static IReadOnlyList<AnswerForm> All { get; } =
    [
        new("JSON", answer => (answer.StartsWith('{') && answer.EndsWith('}')) || (answer.StartsWith('[') && answer.EndsWith(']'))),
        new("code blocks", answer => answer.Contains("```", StringComparison.Ordinal)),
        new("XML or HTML", answer => answer.StartsWith('<') && answer.EndsWith('>')),
        new("gestures in brackets or asterisks at the beginning", answer => answer is ['(' or '（' or '*', ..] and not ['*', ' ' or '*', ..]),
        new("lists", answer => answer.Split('\n').Count(IsItem) >= 2),
        new("headings", answer => answer.Split('\n').Any(line => line.StartsWith('#'))),
        new("thinking before the answer", answer => answer.StartsWith("<think>", StringComparison.Ordinal)),
        new("nothing but a number", answer => double.TryParse(answer.TrimEnd('.'), System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out _)),
    ];

    /// <summary>The share of answers that have it; answers that say nothing are not counted.</summary>
    internal double ShareOf(IEnumerable<string> answers) => answers.Where(answer => !BlankText.Is(answer)).Select(answer => Has(answer.Trim()) ? 1.0 : 0).DefaultIfEmpty(0).Average();

    private static bool IsItem(string line) => line.TrimStart() is ['-' or '*' or '•', ' ', ..] or [>= '0' and <= '9', '.' or ')', ..] or [>= '0' and <= '9', >= '0' and <= '9', '.' or ')', ..];
}
