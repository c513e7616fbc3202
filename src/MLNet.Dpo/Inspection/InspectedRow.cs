using MLNet.Dpo.Data;
using MLNet.Dpo.DataViews;

namespace MLNet.Dpo.Inspection;

/// <summary>A row of preference data with its texts and tokens.</summary>
/// <param name="Source">The row as it was read.</param>
/// <param name="Scores">The score of each response.</param>
/// <param name="Tokens">The tokens of prompt and responses, nothing cut.</param>
internal sealed record InspectedRow(PreferenceRow Source, float[] Scores, TokenizedGroup Tokens)
{
    /// <summary>Where it stands, as errors say it.</summary>
    internal string Place => Source.Place;

    /// <summary>The prompt's text, a conversation's as JSON.</summary>
    internal string Prompt { get; } = TextOf(Source.Prompt, "user");

    /// <summary>The texts of the responses.</summary>
    internal IReadOnlyList<string> Responses { get; } = [.. Source.Responses.Select(response => TextOf(response, "assistant"))];

    /// <summary>Every two responses whose scores differ, whether their texts do or not.</summary>
    internal IReadOnlyList<PreferencePair> Pairs { get; } = PreferencePair.FromScores(Scores);

    /// <summary>The response that is preferred to the most others, the first of these; of responses without scores the first.</summary>
    internal int Best => Scores.Length == 0 ? 0 : Array.IndexOf(Scores, Scores.Max());

    /// <summary>The prompt without what does not tell prompts apart: case, and how much white space there is.</summary>
    internal string PromptKey { get; } = KeyOf(TextOf(Source.Prompt, "user"));

    internal static string KeyOf(string text) => string.Join(' ', text.ToLowerInvariant().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    internal static string TextOf(ChatText text, string role) => text.AsText(role) ?? text.Messages!.ToJsonString();
}
