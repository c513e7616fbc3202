using System.Text.RegularExpressions;
using Microsoft.ML;
using MLNet.Dpo.DataViews;
using MLNet.Dpo.Experiments;

namespace MLNet.Dpo;

public sealed partial class PreferencesCatalog
{
    /// <summary>
    /// An evaluation set of a JSONL file: a line a case, <c>prompt</c> (text) or <c>messages</c>, and one of <c>exact</c> (or <c>expected</c>; a list: one of them), <c>contains</c> (a list: all of them), <c>regex</c>,
    /// <c>numeric</c> (the last number of the answer; <c>tolerance</c>), <c>judge</c> (a reference answer that it must be no worse than); also <c>ignore_case</c> and <c>id</c>.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <returns>The cases, in the file's order.</returns>
    /// <exception cref="PreferenceDataException">The file is missing, or a line is no case; the message names the line.</exception>
    /// <example><code>
    /// // {"prompt": "What is 2 + 2?", "numeric": 4}
    /// // {"prompt": "What is the capital of France?", "contains": "Paris", "ignore_case": true}
    /// IReadOnlyList&lt;EvaluationCase&gt; cases = ml.Preferences.LoadEvaluationSet("cases.jsonl");
    /// </code></example>
    public IReadOnlyList<EvaluationCase> LoadEvaluationSet(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return EvaluationSetReader.Read(path);
    }

    /// <summary>Asks a model the prompts of an evaluation set.</summary>
    /// <param name="model">A chain that tokenises and generates.</param>
    /// <param name="cases">What <see cref="LoadEvaluationSet"/> gives, or cases made in code.</param>
    /// <param name="options">How to generate, and the judge; the defaults when null.</param>
    /// <returns>The answers and the share of right ones; <see cref="AnswerEvaluation.ComparedTo"/> says what has changed since another evaluation.</returns>
    /// <exception cref="ArgumentException">There is no case, or a case needs a judge and none is given.</exception>
    /// <exception cref="PreferenceDataException">A prompt cannot be rendered, or a regular expression takes too long.</exception>
    /// <example><code>
    /// AnswerEvaluation before = ml.Preferences.EvaluateAnswers(baseModel, cases);
    /// AnswerEvaluation after = ml.Preferences.EvaluateAnswers(model, cases);
    /// Console.WriteLine(after.ComparedTo(before));
    /// </code></example>
    public AnswerEvaluation EvaluateAnswers(ITransformer model, IEnumerable<EvaluationCase> cases, AnswerEvaluationOptions? options = null) =>
        Task.Run(() => EvaluateAnswersAsync(model, cases, options)).GetAwaiter().GetResult();

    /// <summary>Asks a model the prompts of an evaluation set, without holding a thread while a judge thinks.</summary>
    /// <inheritdoc cref="EvaluateAnswers"/>
    public async Task<AnswerEvaluation> EvaluateAnswersAsync(ITransformer model, IEnumerable<EvaluationCase> cases, AnswerEvaluationOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(cases);
        options ??= new AnswerEvaluationOptions();
        options.Validate();
        var all = cases.ToList();
        if (all.Count == 0) throw new ArgumentException("cases is empty; give at least one case.", nameof(cases));
        if (options.Judge is null && all.FirstOrDefault(c => c.Expected.Reference is not null) is { } judged)
            throw new ArgumentException($"The case {judged.Name} ('{judged.Text.ReplaceLineEndings(" ")}') needs a judge; set AnswerEvaluationOptions.Judge.", nameof(options));
        var answers = AnswersOf(model, all.Select(c => c.Messages.Length > 0 ? ChatText.Of(MessagesJson.Parse(c.Messages)) : ChatText.Of(c.Prompt)), options);
        var asked = Enumerable.Range(0, all.Count).Where(i => all[i].Expected.Reference is not null).ToList();
        var verdicts = options.Judge is null ? [] : await BothOrders.AskAsync(options.Judge, [.. asked.Select(i => (all[i].Text, all[i].Expected.Reference!, answers[i]))], options).ConfigureAwait(false);
        var right = asked.Zip(verdicts).ToDictionary(pair => pair.First, pair => pair.Second.Verdict != Verdict.A);
        return new AnswerEvaluation([.. all.Select((c, i) => new EvaluatedAnswer(c, answers[i], right.TryGetValue(i, out var ok) ? ok : IsRight(c, answers[i])))]);
    }

    /// <summary>How often a model's answers are better than another's, by a judge who is asked about each prompt in both orders; verdicts that contradict each other are a tie.</summary>
    /// <param name="before">One model: the base, say.</param>
    /// <param name="after">The other: the tuned one. Its wins are counted.</param>
    /// <param name="prompts">Each one user turn of plain text.</param>
    /// <param name="judge">The judge.</param>
    /// <param name="options">How to generate, and how many questions are asked at a time; the defaults when null.</param>
    /// <returns>The share of prompts that <paramref name="after"/> wins, with its interval.</returns>
    /// <exception cref="ArgumentException">There is no prompt, or an option is out of range.</exception>
    /// <example><code>
    /// var judge = new ChatClientJudge(client);
    /// Console.WriteLine(await ml.Preferences.WinRateAsync(baseModel, model, prompts, judge.AskAsync));
    /// </code></example>
    public async Task<WinRate> WinRateAsync(ITransformer before, ITransformer after, IEnumerable<string> prompts, PairJudge judge, AnswerEvaluationOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(prompts);
        ArgumentNullException.ThrowIfNull(judge);
        options ??= new AnswerEvaluationOptions();
        options.Validate();
        var all = prompts.ToList();
        if (all.Count == 0) throw new ArgumentException("prompts is empty; give at least one.", nameof(prompts));
        var (first, second) = (AnswersOf(before, all.Select(ChatText.Of), options), AnswersOf(after, all.Select(ChatText.Of), options));
        return new WinRate(await BothOrders.AskAsync(judge, [.. all.Select((prompt, i) => (prompt, first[i], second[i]))], options).ConfigureAwait(false));
    }

    private static List<string> AnswersOf(ITransformer model, IEnumerable<ChatText> prompts, AnswerEvaluationOptions options) =>
        [.. Sample(model, prompts.Select(prompt => new PreferenceRow("", prompt, [])), options.Generation, 1, options.CancellationToken).Select(answers => answers.Responses[0])];

    private static bool IsRight(EvaluationCase c, string answer)
    {
        try
        {
            return c.Expected.IsRight(answer);
        }
        catch (RegexMatchTimeoutException e)
        {
            throw new PreferenceDataException($"{c.Name}: the regular expression '{e.Pattern}' takes longer than {e.MatchTimeout.TotalSeconds} s for an answer; write it without nested repetition.", e);
        }
    }
}
