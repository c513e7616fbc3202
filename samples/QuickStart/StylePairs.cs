using System.Text.Encodings.Web;
using System.Text.Json;
using TinyChat;

namespace QuickStart;

/// <summary>A prompt with an answer that is wanted and one that is not.</summary>
/// <param name="Prompt">What the user says.</param>
/// <param name="Chosen">Right, and in the style that is wished for.</param>
/// <param name="Rejected">In another style, or wrong.</param>
internal sealed record StylePair(string Prompt, string Chosen, string Rejected);

/// <summary>Turns judged answers into preference pairs.</summary>
internal static class StylePairs
{
    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>
    /// Pairs every answer of a prompt that is right and of style <paramref name="wish"/> with every other one, each answer counted once however often it was sampled, but at most
    /// <paramref name="mostPerPrompt"/> pairs a prompt. A prompt whose answers are all wanted or all unwanted gives none.
    /// </summary>
    public static IReadOnlyList<StylePair> Build(IEnumerable<JudgedAnswer> answers, AnswerStyle wish, int mostPerPrompt) =>
        [.. answers.GroupBy(a => a.Prompt.Prompt).SelectMany(group => PairUp(group.Key, wish, [.. group.DistinctBy(a => a.Response)]).Take(mostPerPrompt))];

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
    private static IEnumerable<StylePair> PairUp(string prompt, AnswerStyle wish, IReadOnlyList<JudgedAnswer> answers)
    {
        var wanted = answers.Where(a => a.IsWanted(wish)).ToList();
        var unwanted = answers.Where(a => !a.IsWanted(wish) && a.Response.Length > 0).ToList();
        for (var shift = 0; shift < unwanted.Count; shift++)
        {
            for (var i = 0; i < wanted.Count; i++)
                yield return new StylePair(prompt, wanted[i].Response, unwanted[(i + shift) % unwanted.Count].Response);
        }
    }
}
