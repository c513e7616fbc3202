using System.Globalization;
using Microsoft.ML;
using MLNet.Dpo;

namespace TinyChat;

/// <summary>Asks TinyChat held-out wordings and counts the right answers.</summary>
internal static class Exam
{
    /// <summary>Prints the share of right answers to questions with a known answer, the share of well-formed answers to small talk, and the mix of styles.</summary>
    public static void Run(string modelFolder, int count, int seed)
    {
        var prompts = TinyChatCorpus.DemoPrompts(PromptSplit.HeldOut, seed, count);
        var samples = new MLContext(seed).Preferences.Sample(
            modelFolder, prompts.Select(p => p.Prompt), new GenerationOptions { Temperature = 0.7, TopK = 10, TopP = 0.95, MaxNewTokens = 64, Seed = seed }, samplesPerPrompt: 4);
        var answers = prompts.Zip(samples).SelectMany(p => p.Second.Responses.Select(r => (Prompt: p.First, Response: r))).ToList();
        var known = answers.Where(a => a.Prompt.Answer is not null).ToList();
        var right = known.Count(a => AnswerJudge.IsCorrect(a.Prompt, a.Response));
        var styles = answers.GroupBy(a => StyleJudge.Judge(a.Response)).OrderBy(g => g.Key);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{prompts.Count} held-out prompts, {answers.Count} sampled answers"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"right: {(double)right / known.Count:P1} of {known.Count} answers to questions with a known answer"));
        var sensible = answers.Count(a => AnswerJudge.IsSensible(a.Prompt, a.Response));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"sensible: {(double)sensible / answers.Count:P1} of all answers"));
        foreach (var style in styles) Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{style.Key}: {(double)style.Count() / answers.Count:P1}"));
        foreach (var (prompt, response) in answers.Where((_, i) => i % (answers.Count / 24) == 0)) Console.WriteLine($"  {prompt.Prompt} -> {response}");
        foreach (var (prompt, response) in known.Where(a => !AnswerJudge.IsCorrect(a.Prompt, a.Response)).Take(12)) Console.WriteLine($"  wrong: {prompt.Prompt} -> {response} (expected {prompt.Answer})");
    }
}
