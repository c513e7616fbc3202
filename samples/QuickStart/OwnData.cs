using System.Globalization;
using Microsoft.ML;
using MLNet.Dpo;

namespace QuickStart;

/// <summary>The demo's job on the user's own preference file and model: split, train, compare before and after, save, reload, generate.</summary>
/// <param name="data">The preference file.</param>
/// <param name="options">Base model, tokenizer and settings of the training.</param>
/// <param name="output">Where the results go.</param>
internal sealed class OwnData(FileInfo data, DpoTrainer.Options options, DirectoryInfo output)
{
    private const double ValidationShare = 0.1;
    private const int ShownPrompts = 3;

    private readonly MLContext _ml = new(seed: 1);
    private readonly Storyteller _tell = new();

    /// <summary>Runs the job.</summary>
    public void Run()
    {
        output.Create();
        _tell.Title($"DPO on {data.Name} with {Path.GetFileName(options.BaseModel)}");
        _tell.Step($"Read {data.Name}, keep one row in {1 / ValidationShare:0} for validation");
        var split = _ml.Data.TrainTestSplit(StyleModel.LoadIDataViewFromFile(_ml, data.FullName), ValidationShare, ColumnNames.PromptKey, seed: 1);
        var tokenizing = _ml.Preferences.Tokenize(options.Tokenizer ?? options.BaseModel).Fit(split.TrainSet);

        var tuned = tokenizing.Append(Train(tokenizing.Transform(split.TrainSet), tokenizing.Transform(split.TestSet)));
        _tell.Step("Compare before and after on the validation rows");
        var compared = Compare(tuned.Transform(split.TestSet));
        Save(tuned, split.TrainSet, [.. compared.Select(row => row.Prompt).Where(prompt => prompt.Length > 0).DefaultIfEmpty("Hello!").Take(ShownPrompts)]);
        _tell.Done(output);
    }

    private CausalLMTransformer Train(IDataView train, IDataView validation)
    {
        _tell.Step(string.Create(CultureInfo.InvariantCulture, $"Train with DPO: LoRA rank {options.Lora!.Rank}, learning rate {options.LearningRate}, {options.Epochs} epochs, at most {options.MaxLength} tokens a row"));
        return TrainingDisplay.Run("DPO", progress =>
        {
            options.Progress = progress;
            var trainer = _ml.Preferences.Trainers.Dpo(options);
            var trained = trainer.Fit(train, validation);
            _tell.Say($"{trainer.LastTruncation}.");
            return trained;
        });
    }

    // Gives the rows that could be compared: their prompts fit into the model's context.
    private List<ScoredRow> Compare(IDataView scored)
    {
        var metrics = _ml.Preferences.Evaluate(scored);
        var rows = _ml.Data.CreateEnumerable<ScoredRow>(scored, reuseRowObject: false).Where(row => row.CanBeCompared).ToList();
        if (metrics.SkippedRows > 0)
            _tell.Say($"{metrics.SkippedRows} validation rows are left out: their prompt alone fills the {options.MaxLength} tokens.");
        _tell.Say($"The chosen response is the more probable one in {Share(rows, r => r.Gap - (r.Margin / options.Beta) > 0)} of {rows.Count} rows before, in {Share(rows, r => r.Gap > 0)} after.");
        _tell.Say(string.Create(CultureInfo.InvariantCulture, $"Preference accuracy {metrics.Accuracy:0.0 %}, mean margin {metrics.MeanMargin:0.000}, loss {metrics.Loss:0.000} (the untuned model: margin 0, loss {Math.Log(2):0.000})."));
        return rows;
    }

    private void Save(ITransformer tuned, IDataView train, IReadOnlyList<string> prompts)
    {
        _tell.Step("Save model.zip, load it in a second process and generate");
        var path = Path.Combine(output.FullName, "model.zip");
        StyleModel.SaveModel(_ml, tuned, train, path);
        _ml.Preferences.Report(output.FullName).SaveCurves(Path.Combine(output.FullName, "training-curves.svg"), $"DPO on {data.Name}: loss, accuracy and margin");
        foreach (var line in SecondProcess.Consume(path, prompts))
            _tell.Say(Short(line));
    }

    private static string Share(IReadOnlyCollection<ScoredRow> rows, Func<ScoredRow, bool> has) =>
        (rows.Count(has) / (double)Math.Max(1, rows.Count)).ToString("0.0 %", CultureInfo.InvariantCulture);

    private static string Short(string line) => line.Length <= 240 ? line : line[..110] + " ... " + line[^120..];

    /// <summary>What the tuned model says about a row's responses.</summary>
    private sealed class ScoredRow
    {
        public string Prompt { get; set; } = "";

        public float[] Scores { get; set; } = [];

        public float[] Logps { get; set; } = [];

        public float[] Rewards { get; set; } = [];

        /// <summary>Whether the row has a better and a worse response, and both were scored.</summary>
        public bool CanBeCompared => Scores.Distinct().Count() > 1 && Rewards.All(float.IsFinite);

        /// <summary>By how much the best response is more probable than the worst.</summary>
        public double Gap => Difference(Logps);

        /// <summary>The same of the rewards; a reward is beta times what training added to the log-probability.</summary>
        public double Margin => Difference(Rewards);

        private float Difference(float[] values) => values[Array.IndexOf(Scores, Scores.Max())] - values[Array.IndexOf(Scores, Scores.Min())];
    }
}
