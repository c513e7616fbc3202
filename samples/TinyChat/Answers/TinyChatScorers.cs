using Microsoft.ML;
using MLNet.Dpo;

namespace TinyChat;

/// <summary>The judges of the corpus as scorers.</summary>
public static class TinyChatScorers
{
    /// <summary>1 for an answer in few words, else 0 (<see cref="StyleJudge"/>).</summary>
    public static ScoringEstimator Terse(MLContext ml, string outputColumnName = ColumnNames.Scores)
    {
        ArgumentNullException.ThrowIfNull(ml);
        return ml.Preferences.Scorers.Custom("terse", (_, responses) => [.. responses.Select(r => StyleJudge.Judge(r) == AnswerStyle.Terse ? 1f : 0f)], outputColumnName);
    }

    /// <summary>1 for an answer that is right, or for small talk one that fits, else 0 (<see cref="AnswerJudge"/>); only for the prompts given here.</summary>
    public static ScoringEstimator Sensible(MLContext ml, IEnumerable<DemoPrompt> prompts, string outputColumnName = ColumnNames.Scores)
    {
        ArgumentNullException.ThrowIfNull(ml);
        var known = prompts.ToDictionary(p => p.Prompt);
        return ml.Preferences.Scorers.Custom("sensible", (prompt, responses) => [.. responses.Select(r => AnswerJudge.IsSensible(known[prompt], r) ? 1f : 0f)], outputColumnName);
    }
}
