using System.Globalization;
using System.Text.RegularExpressions;
using MLNet.Dpo.Labeling.Rules;

namespace MLNet.Dpo;

/// <summary>What a right answer is.</summary>
public sealed partial class ExpectedAnswer
{
    private readonly Func<string, bool>? _isRight;

    private ExpectedAnswer(string description, Func<string, bool>? isRight) => (Description, _isRight) = (description, isRight);

    /// <summary>In words, for tables.</summary>
    public string Description { get; }

    /// <summary>What the judge compares the answer with; null where no judge is asked.</summary>
    public string? Reference { get; private init; }

    /// <summary>The answer is one of these texts, white space at its ends aside.</summary>
    /// <param name="ignoreCase">Whether upper and lower case are the same.</param>
    /// <param name="texts">One or more.</param>
    public static ExpectedAnswer Exact(bool ignoreCase, params IReadOnlyList<string> texts)
    {
        var comparison = ignoreCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
        return new ExpectedAnswer("exactly " + Listed(texts, " or "), answer => texts.Any(text => string.Equals(text.Trim(), answer.Trim(), comparison)));
    }

    /// <summary>The answer contains all of these texts.</summary>
    /// <param name="ignoreCase">Whether upper and lower case are the same.</param>
    /// <param name="texts">One or more.</param>
    public static ExpectedAnswer Contains(bool ignoreCase, params IReadOnlyList<string> texts)
    {
        var comparison = ignoreCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
        return new ExpectedAnswer("contains " + Listed(texts, " and "), answer => texts.All(text => answer.Contains(text, comparison)));
    }

    /// <summary>The answer matches a regular expression of .NET somewhere.</summary>
    /// <param name="pattern">The expression.</param>
    /// <param name="ignoreCase">Whether upper and lower case are the same.</param>
    /// <exception cref="ArgumentException">It is no regular expression.</exception>
    public static ExpectedAnswer Matches(string pattern, bool ignoreCase = false)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        var rule = new RegexScorer(pattern, shouldMatch: true, ignoreCase);
        return new ExpectedAnswer($"matches '{pattern}'", answer => rule.Score("", answer) > 0);
    }

    /// <summary>The last number in the answer is this one. Digits may be grouped by commas (1,234.5).</summary>
    /// <param name="value">The number.</param>
    /// <param name="tolerance">The most by which it may differ, 0 or more.</param>
    /// <exception cref="ArgumentException">A number is not finite, or the tolerance below 0.</exception>
    public static ExpectedAnswer Number(double value, double tolerance = 1e-9)
    {
        if (!double.IsFinite(value)) throw new ArgumentException($"value is {value}; give a finite number.", nameof(value));
        if (!(tolerance >= 0 && double.IsFinite(tolerance))) throw new ArgumentException($"tolerance is {tolerance}; allowed: 0 or more.", nameof(tolerance));
        return new ExpectedAnswer(string.Create(CultureInfo.InvariantCulture, $"the number {value}{(tolerance > 1e-9 ? $" +- {tolerance}" : "")}"), answer => LastNumber(answer) is { } number && Math.Abs(number - value) <= tolerance);
    }

    /// <summary>A judge finds the answer no worse than a reference answer: better counts 1, a tie 1 too, worse 0.</summary>
    /// <param name="reference">A good answer.</param>
    public static ExpectedAnswer Judged(string reference)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(reference);
        return new ExpectedAnswer($"a judge finds it no worse than '{reference}'", null) { Reference = reference };
    }

    /// <summary>What a right answer is, in words.</summary>
    public override string ToString() => Description;

    /// <summary>Whether the answer is right; not for what a judge decides.</summary>
    internal bool IsRight(string answer) => _isRight!(answer);

    private static double? LastNumber(string answer) =>
        Numbers().Matches(answer) is { Count: > 0 } found && double.TryParse(found[^1].Value.Replace(",", "", StringComparison.Ordinal), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static string Listed(IReadOnlyList<string> texts, string joint)
    {
        ArgumentNullException.ThrowIfNull(texts);
        if (texts.Count == 0 || texts.Any(string.IsNullOrWhiteSpace)) throw new ArgumentException("There is no expected text, or one of them is blank; give one or more.", nameof(texts));
        return string.Join(joint, texts.Select(text => $"'{text}'"));
    }

    // A minus that follows a word or a number is a hyphen, or a subtraction.
    [GeneratedRegex(@"(?<![\w.)])[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:[eE][-+]?\d+)?|(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:[eE][-+]?\d+)?")]
    private static partial Regex Numbers();
}
