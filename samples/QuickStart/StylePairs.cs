using System.Text.Encodings.Web;
using System.Text.Json;

namespace QuickStart;

/// <summary>A prompt with an answer that is wanted and one that is not.</summary>
/// <param name="Prompt">What the user says.</param>
/// <param name="Chosen">Terse and right.</param>
/// <param name="Rejected">Lengthy, or wrong.</param>
internal sealed record StylePair(string Prompt, string Chosen, string Rejected);

/// <summary>Turns judged answers into preference pairs.</summary>
internal static class StylePairs
{
    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>
    /// Pairs every wanted answer of a prompt with every unwanted one, each answer counted once however often it was sampled, but at most
    /// <paramref name="mostPerPrompt"/> pairs a prompt. A prompt whose answers are all wanted or all unwanted gives none.
    /// </summary>
    public static IReadOnlyList<StylePair> Build(IEnumerable<JudgedAnswer> answers, int mostPerPrompt) =>
        [.. answers.GroupBy(a => a.Prompt.Prompt).SelectMany(group => PairUp(group.Key, [.. group.DistinctBy(a => a.Response)]).Take(mostPerPrompt))];

    /// <summary>Writes ShareGPT rows, one a line.</summary>
    public static void Write(string path, IEnumerable<StylePair> pairs) => File.WriteAllLines(path, pairs.Select(pair => JsonSerializer.Serialize(
        new
        {
            conversations = new[] { new { from = "human", value = pair.Prompt } },
            chosen = new { from = "gpt", value = pair.Chosen },
            rejected = new { from = "gpt", value = pair.Rejected },
        },
        Json)));

    /// <summary>Walks along the diagonals, so that the first few pairs already use different answers on both sides.</summary>
    private static IEnumerable<StylePair> PairUp(string prompt, IReadOnlyList<JudgedAnswer> answers)
    {
        var wanted = answers.Where(a => a.Wanted).ToList();
        var unwanted = answers.Where(a => !a.Wanted && a.Response.Length > 0).ToList();
        for (var shift = 0; shift < unwanted.Count; shift++)
        {
            for (var i = 0; i < wanted.Count; i++)
                yield return new StylePair(prompt, wanted[i].Response, unwanted[(i + shift) % unwanted.Count].Response);
        }
    }
}
