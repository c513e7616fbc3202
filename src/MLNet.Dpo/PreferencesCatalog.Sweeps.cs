using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.ML;
using MLNet.Dpo.DataViews;
using MLNet.Dpo.Experiments;
using MLNet.Dpo.Saving;
using MLNet.Dpo.Training;

namespace MLNet.Dpo;

public sealed partial class PreferencesCatalog
{
    /// <summary>
    /// Trains the same data with several options, to see how each option moves each metric: one varied at a time around a baseline, or a grid. Every finished run is kept, so that a sweep that was stopped or killed goes on where
    /// it was; runs with the same base and rows share their reference; a run that fails loses none of the others.
    /// </summary>
    /// <param name="trainData">Preference data as text columns, the same for all runs.</param>
    /// <param name="validationData">Data to judge the models on; none of its prompts should be in the training data.</param>
    /// <param name="options">The baseline, what is varied, and the folder.</param>
    /// <returns>The runs; printed, a table.</returns>
    /// <exception cref="ArgumentException">A setting is missing or contradicts another, or the folder holds a run of that name with other options or data.</exception>
    /// <exception cref="OperationCanceledException">The token of the options was cancelled; the same call goes on.</exception>
    /// <example><code>
    /// SweepResult sweep = ml.Preferences.Sweep(split.TrainSet, split.TestSet, new SweepOptions
    /// {
    ///     Baseline = new DpoTrainer.Options { BaseModel = "models/tiny-chat" },
    ///     Axes = [SweepAxis.Of("Beta", o => o.Beta, (o, value) => o.Beta = value, 0.1, 0.3, 0.5), SweepAxis.Of("LearningRate", o => o.LearningRate, (o, value) => o.LearningRate = value, 5e-5, 1e-4, 2e-4)],
    ///     OutputDirectory = "sweep",
    /// });
    /// Console.WriteLine(sweep);
    /// DpoTrainer.Options winner = sweep.Best(result => result.Preferences!.Accuracy).Options;
    /// </code></example>
    public SweepResult Sweep(IDataView trainData, IDataView validationData, SweepOptions options)
    {
        ArgumentNullException.ThrowIfNull(trainData);
        ArgumentNullException.ThrowIfNull(validationData);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        var plans = SweepPlan.Of(options);
        var (train, validation) = (RowsHash.Of(trainData), RowsHash.Of(validationData));
        var bases = plans.Select(plan => plan.Options.BaseModel).Distinct().Where(OpenedWeights.IsThere).ToDictionary(folder => folder, BaseFolder.HashOf);
        var runs = new List<SweepRun>();
        foreach (var plan in plans)
        {
            options.Comparison?.CancellationToken.ThrowIfCancellationRequested();
            var folder = Path.Combine(options.OutputDirectory, plan.Name);
            var run = new SweepRun(plan.Name, plan.Values, folder, plan.Options, null, null, false);
            var identity = IdentityOf(plan.Options, bases, train, validation);
            try
            {
                if (SweepRecord.Read(folder) is not { } kept) runs.Add(run with { Result = Judged(plan, folder, identity, trainData, validationData, options) });
                else if (kept.DifferencesFrom(identity) is { Length: > 0 } differences) throw new ArgumentException($"{folder} holds a run that differs in {differences}; give another OutputDirectory, or remove that folder.");
                else if (kept.Judging == JudgingOf(options)) runs.Add(run with { Result = kept.Result, WasKept = true });
                else runs.Add(run with { Result = Judged(plan, folder, identity, trainData, validationData, options) });
            }
            catch (Exception e) when (e is not OperationCanceledException && options.OnError == SweepErrorHandling.Continue)
            {
                runs.Add(run with { Error = e.Message.ReplaceLineEndings(" ") });
            }
        }
        return new SweepResult(options.Axes, runs);
    }

    private ModelResult Judged(SweepPlan plan, string folder, Dictionary<string, string> identity, IDataView train, IDataView validation, SweepOptions sweep)
    {
        var options = (DpoTrainer.Options)plan.Options.Copy();
        var goesOn = SweepRecord.HasWholeCheckpoint(folder);
        (options.OutputDirectory, options.SharedReferences) = (folder, Path.Combine(sweep.OutputDirectory, ".references"));
        (options.ResumeFromCheckpoint, options.OverwriteOutputDirectory) = (goesOn ? TrainingOptions.LatestCheckpoint : null, !goesOn);
        options.ValidationSet ??= validation;
        var comparison = sweep.Comparison ?? new ComparisonOptions();
        if (comparison.CancellationToken.CanBeCanceled) options.CancellationToken = comparison.CancellationToken;
        var pipeline = Tokenize(options.Tokenizer ?? options.BaseModel, sweep.Tokenizing ?? new PreferenceTokenizingEstimator.Options()).Append(Trainers.Dpo(options));
        var model = pipeline.Fit(train);
        using var network = model.LastTransformer;
        var result = ResultOf(Candidate(model, plan.Name), model, validation, [.. sweep.Prompts.Select(ChatText.Of)], comparison);
        new SweepRecord(identity, JudgingOf(sweep), result).Write(folder);
        return result;
    }

    private static Dictionary<string, string> IdentityOf(DpoTrainer.Options options, Dictionary<string, string> bases, string train, string validation)
    {
        var values = options.Identity().ToDictionary(option => option.Key, option => RunIdentity.Text(option.Value));
        values["BaseModel"] = bases.GetValueOrDefault(options.BaseModel, options.BaseModel);
        values["ReferenceModel"] = options.ReferenceModel ?? "";
        values["Lora.InitialAdapter"] = options.Lora?.InitialAdapter ?? "";
        values["training data"] = train;
        values["validation data"] = validation;
        return values;
    }

    // Own metrics are known by their names.
    private static string JudgingOf(SweepOptions sweep)
    {
        var comparison = sweep.Comparison ?? new ComparisonOptions();
        string[] parts =
        [
            .. sweep.Prompts, comparison.Generation is { } generation ? ModelSource.TextOf(generation) : "", string.Join('\n', comparison.Metrics.Keys.Order(StringComparer.Ordinal)),
            .. new[] { comparison.KlCompletions, comparison.MaxNewTokens, comparison.Seed }.Select(number => number.ToString(CultureInfo.InvariantCulture)),
        ];
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\0', parts))));
    }
}
