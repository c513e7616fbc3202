using Microsoft.ML;
using MLNet.Dpo;
using TinyChat;

namespace SmallToLarge;

public static partial class ChatModel
{
    /// <summary>How answers are sampled: temperature 0.7, top_k 10, top_p 0.95.</summary>
    public static GenerationOptions Sampling => new() { Temperature = 0.7, TopK = 10, TopP = 0.95, MaxNewTokens = 64, BatchSize = 128, Seed = 1 };

    /// <summary>The model's own answers as pairs: terse and sensible against lengthy or wrong.</summary>
    public static PairSet Pairs(MLContext mlContext, IReadOnlyList<PromptSamples> samples, IReadOnlyList<DemoPrompt> prompts)
    {
        var known = prompts.ToDictionary(p => p.Prompt);
        var wish = mlContext.Preferences.Scorers.Custom("brief", (prompt, answers) => [.. answers.Select(answer => Wanted(known[prompt], answer) ? 1f : 0f)]);
        var rows = AnswerRows.Of(mlContext, samples);
        // The rule is the wish itself, so there is nobody to agree with; samples/FeedbackLoop checks a scorer against people.
        return mlContext.Preferences.MakePairs(wish.Fit(rows).Transform(rows), new PairOptions { MaxPairsPerPrompt = 2, AllowLowAgreement = true });
    }

    /// <summary>The metrics that runs are judged by, each the share of answers.</summary>
    public static ComparisonOptions Judging(IReadOnlyList<DemoPrompt> prompts, CancellationToken cancellation)
    {
        var known = prompts.ToDictionary(p => p.Prompt);
        return new ComparisonOptions
        {
            KlCompletions = prompts.Count,
            Generation = Sampling,
            Metrics = new Dictionary<string, Func<string, string, double>>
            {
                ["terse"] = (_, answer) => StyleJudge.Judge(answer) == AnswerStyle.Terse ? 1 : 0,
                ["sensible"] = (prompt, answer) => AnswerJudge.IsSensible(known[prompt], answer) ? 1 : 0,
            },
            CancellationToken = cancellation,
        };
    }

    private static bool Wanted(DemoPrompt prompt, string answer) => StyleJudge.Judge(answer) == AnswerStyle.Terse && AnswerJudge.IsSensible(prompt, answer);
}
