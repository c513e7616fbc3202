using System.Text.RegularExpressions;
using MLNet.Dpo.DataViews;
using MLNet.Dpo.Schemas;

namespace MLNet.Dpo.Labeling;

/// <summary>A rule that looks at one response at a time.</summary>
internal abstract class TextScorer : ResponseScorer
{
    /// <summary>The longest that a user's regular expression may take for one response.</summary>
    internal static readonly TimeSpan RegexTimeout = JsonSchema.RegexTimeout;

    /// <summary>The score of a response; it must not depend on anything else.</summary>
    internal abstract float Score(string prompt, string response);

    internal override Func<PreferenceRow, float[]> CreateScore() => row =>
    {
        var prompt = SaidText.OfUser(row.Prompt);
        try
        {
            return [.. row.Responses.Select(response => Score(prompt, SaidText.OfAssistant(response)))];
        }
        catch (RegexMatchTimeoutException e)
        {
            throw new PreferenceDataException($"{row.Place}: the regular expression '{e.Pattern}' takes longer than {RegexTimeout.TotalSeconds} s for a response; write it without nested repetition.", e);
        }
    };
}
