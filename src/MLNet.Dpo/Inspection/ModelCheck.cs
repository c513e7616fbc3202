using MLNet.Dpo.DataViews;
using MLNet.Dpo.Generation;

namespace MLNet.Dpo.Inspection;

/// <summary>
/// What a base model says about preference data: whether it could give such answers at all. Direct preference optimization moves probability between answers that the model has;
/// answers that it does not have are taught by supervised fine-tuning.
/// </summary>
/// <param name="Rows">Rows asked about.</param>
/// <param name="Chosen">Mean log-probability of a token of the chosen answers, in nats, averaged over answers.</param>
/// <param name="Rejected">The same of the rejected answers.</param>
/// <param name="Own">The same of the model's own answers.</param>
/// <param name="OnPolicy">The share of chosen answers that are about as probable as its own: no more than a nat a token less than these on average, or more probable than the least probable twentieth of them.</param>
/// <param name="Unended">The share of its own answers that did not come to an end.</param>
/// <param name="NewForms">Forms that at least half of the chosen answers have and none of its own.</param>
internal sealed record ModelCheck(int Rows, double Chosen, double Rejected, double Own, double OnPolicy, double Unended, IReadOnlyList<string> NewForms)
{
    // In nats a token: seven times less probable.
    private const double FarBelowOwn = 2;
    private const double AboutAsProbable = 1;

    /// <summary>Asks the model; null where it can hold no row.</summary>
    /// <param name="all">The data.</param>
    /// <param name="model">Scores answers.</param>
    /// <param name="answer">Gives an answer to each prompt, as the options' sampling says.</param>
    /// <param name="tokenizer">Renders answers.</param>
    /// <param name="context">The most tokens of prompt and answer.</param>
    /// <param name="scoring">How the model cuts what it scores.</param>
    /// <param name="options">How many rows, and the sampling.</param>
    internal static ModelCheck? Run(
        IReadOnlyList<InspectedRow> all, IRowModel model, Func<IReadOnlyList<int[]>, IReadOnlyList<Completed>> answer, PreferenceTokenizer tokenizer, int context, ScoringSettings scoring, InspectionOptions options)
    {
        var fit = all.Where(row => row.Pairs.Count > 0 && row.Tokens.PromptTokens.Length + row.Tokens.ResponseTokens.Max(t => t.Length) <= context && row.Tokens.PromptTokens.Length > 0).ToList();
        var rows = Enumerable.Range(0, Math.Min(options.ModelRows, fit.Count)).Select(i => fit[(int)((long)i * fit.Count / Math.Min(options.ModelRows, fit.Count))]).ToList();
        if (rows.Count == 0) return null;
        var answers = answer([.. rows.Select(row => tokenizer.Tokenize(row.Source.Prompt, []).PromptTokens)]);
        var own = rows.Zip(answers, (row, answer) => tokenizer.Tokenize(row.Source.Prompt, [ChatText.Of(answer.Text)])).ToList();
        // Where a group's prompt was cut short by its responses, the answer is scored from there on, too.
        double[] ownLogps = [.. PerToken(model, own, scoring, options).Select(logps => logps[0]).Where(double.IsFinite)];
        var given = PerToken(model, [.. rows.Select(row => row.Tokens)], scoring, options);
        var chosen = rows.Zip(given, (row, logps) => logps[row.Best]).Where(double.IsFinite).ToList();
        var rejected = rows.Zip(given, (row, logps) => logps[row.Pairs.First(pair => pair.Chosen == row.Best).Rejected]).Where(double.IsFinite).ToList();
        var least = Math.Min(Mean(ownLogps) - AboutAsProbable, ownLogps.Order().ElementAtOrDefault(ownLogps.Length / 20));
        return new ModelCheck(rows.Count, Mean(chosen), Mean(rejected), Mean(ownLogps), Mean(chosen.Select(logp => logp >= least ? 1.0 : 0)),
            Mean(answers.Select(answer => answer.Reason == FinishReason.Stop ? 0 : 1.0)),
            [.. AnswerForm.All.Where(form => form.ShareOf(rows.Select(row => row.Responses[row.Best])) >= 0.5 && form.ShareOf(answers.Select(answer => answer.Text)) == 0).Select(form => form.Name)]);
    }

    /// <summary>What is to be said; empty where the data suit the model.</summary>
    internal IEnumerable<DataFinding> Findings()
    {
        if (Own - Chosen > FarBelowOwn)
            yield return new(DataFindingKind.ImprobableChosen, DataFindings.Text($"A token of a chosen answer has a log-probability of {Chosen:0.##} under the base, one of the base's own answers {Own:0.##}: it would hardly give such answers."),
                "Fine-tune on the chosen answers first (Trainers.Sft), then prefer among what the model says (LoraOptions.InitialAdapter).");
        if (NewForms.Count > 0)
            yield return new(DataFindingKind.NewFormat, $"Most chosen answers have {string.Join(" and ", NewForms)}; of the base's own none has.",
                "A new form is taught by supervised fine-tuning (Trainers.Sft on the chosen answers), preferences come after it.");
        if (Unended >= 0.5)
            yield return new(DataFindingKind.NotFollowingInstructions, DataFindings.Text($"{Unended:P0} of the base's own answers do not come to an end."),
                "Start from a model that follows instructions (after supervised fine-tuning), or give Sampling.MaxNewTokens more room if its answers are meant to be that long.");
        if (OnPolicy < 0.1)
            yield return new(DataFindingKind.FewOnPolicy, DataFindings.Text($"{OnPolicy:P0} of the chosen answers are as probable under the base as its own answers are."),
                "Add pairs whose chosen answer the base itself gave (ml.Preferences.Sample, and choose among its answers): they are learned most easily.");
    }

    private static double Mean(IEnumerable<double> values) => values.DefaultIfEmpty(double.NaN).Average();

    private static double[][] PerToken(IRowModel model, IReadOnlyList<TokenizedGroup> groups, ScoringSettings scoring, InspectionOptions options) =>
    [
        .. groups.Select((group, i) => group.PerToken(model.Run([new TokenizedRow(group, [])], new WantedResults(false, true, false), i, options.CancellationToken)[0].Logps!, scoring.MaxLength, scoring.Truncation)),
    ];
}
