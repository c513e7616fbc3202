using System.Globalization;
using MLNet.Dpo.Reporting;

namespace MLNet.Dpo.Training;

/// <summary>
/// What a run leaves for its reader beside the metrics: run.json from its beginning, report.html at its end, and the findings. It tells of a run and never stops it: what cannot be written is said.
/// </summary>
/// <param name="options">The run's options.</param>
/// <param name="precision">What the model computes in.</param>
/// <param name="train">The training data.</param>
/// <param name="validation">The validation data, which may be empty.</param>
/// <param name="ask">Gives the model's answers to prompts as it is now.</param>
/// <param name="note">Takes lines for the log.</param>
internal sealed class RunAccount(TrainingOptions options, Precision precision, ExampleSet train, ExampleSet validation, Func<IReadOnlyList<string>, IReadOnlyList<string>> ask, Action<string> note)
{
    /// <summary>The most tokens of a sampled answer.</summary>
    internal const int SampleTokens = 128;

    private RunRecord _record = RunRecord.Unknown;

    /// <summary>Before the first step, or the first of a resumed run: the model is still the one that training starts from.</summary>
    internal void Begin()
    {
        var before = options.SamplePrompts.Count > 0 ? ask(options.SamplePrompts) : [];
        _record = new RunRecord(Options(), Data(), [.. options.SamplePrompts.Zip(before, (prompt, answer) => new SampledPrompt(prompt, answer, ""))]);
        if (options.OutputDirectory is { } folder) Try(() => _record.Write(folder));
    }

    /// <summary>After the last step.</summary>
    internal RunReport End(RunSeries series)
    {
        if (_record.Samples.Count > 0)
            _record = _record with { Samples = [.. _record.Samples.Zip(AskAfter(), (sample, answer) => sample with { After = answer })] };
        var report = new RunReport(series, _record);
        if (options.OutputDirectory is { } folder)
        {
            Try(() =>
            {
                _record.Write(folder);
                report.SaveHtml(Path.Combine(folder, RunReport.FileName));
            });
        }
        return report;
    }

    // The training is done: what stops the asking does not take the model with it.
    private IReadOnlyList<string> AskAfter()
    {
        try
        {
            return ask(options.SamplePrompts);
        }
        catch (Exception e) when (e is OperationCanceledException or InvalidOperationException)
        {
            note($"The samples after training are left out: {e.Message.ReplaceLineEndings(" ")}");
            return [.. options.SamplePrompts.Select(_ => "")];
        }
    }

    private Dictionary<string, string> Options()
    {
        var values = new Dictionary<string, string> { ["BaseModel"] = options.BaseModel };
        if (options.Tokenizer is { } tokenizer) values["Tokenizer"] = tokenizer;
        if (options.ReferenceFolder is { } reference) values["ReferenceModel"] = reference;
        if (options.Lora?.InitialAdapter is { } initial) values["Lora.InitialAdapter"] = initial;
        foreach (var (name, value) in options.Identity()) values[name] = RunIdentity.Text(value);
        values[nameof(TrainingOptions.Precision)] = RunIdentity.Text(precision); // what the option came to
        return values;
    }

    private Dictionary<string, string> Data()
    {
        var values = Counts(train, "");
        if (validation.Truncation.Rows > 0)
            foreach (var (name, value) in Counts(validation, RunRecord.Validation)) values[name] = value;
        return values;
    }

    private static Dictionary<string, string> Counts(ExampleSet set, string prefix)
    {
        var cut = set.Truncation;
        return new()
        {
            [prefix + RunRecord.Rows] = Text(cut.Rows),
            [prefix + RunRecord.Used] = Text(cut.Rows - cut.Dropped),
            [prefix + "pairs"] = Text(set.Examples.Sum(example => example.Pairs.Count)),
            [prefix + RunRecord.Truncated] = Text(cut.TruncatedRows),
            [prefix + RunRecord.LongPrompts] = Text(cut.DroppedLongPrompts),
            [prefix + RunRecord.CutPrompts] = Text(cut.CutPrompts),
            [prefix + "with control tokens in their texts"] = Text(cut.RowsWithControlTokens),
            [prefix + "with parts of messages that the chat template leaves out"] = cut.RowsWithLeftOutKeys == 0 ? "0" : $"{Text(cut.RowsWithLeftOutKeys)} ({cut.LeftOutKeys})",
            [prefix + "whose prompt alone is no beginning of prompt and response"] = Text(cut.PromptsNoPrefix),
            [prefix + "dropped without two differently scored responses"] = Text(cut.DroppedWithoutPairs),
            [prefix + "dropped with responses that say nothing"] = Text(cut.DroppedSayingNothing),
            [prefix + "longest prompt, tokens"] = Text(set.Examples.Max(example => example.Prompt.Length)),
            [prefix + "longest response, tokens"] = Text(set.Examples.Max(example => example.Responses.Max(response => response.Length))),
            [prefix + "fingerprint"] = RunIdentity.HashOf(set.Examples),
        };
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private void Try(Action write)
    {
        try
        {
            write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            note($"{RunRecord.Name} or {RunReport.FileName} cannot be kept, the training is not touched by it: {e.Message.ReplaceLineEndings(" ")}");
        }
    }
}
