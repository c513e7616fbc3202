using System.Buffers.Binary;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Microsoft.ML;
using MLNet.Dpo.Reporting;
using Xunit;

namespace MLNet.Dpo.Tests.Reporting;

/// <summary>What a run leaves for a person: report.html, run.json, TensorBoard's events.</summary>
public sealed class RunReportTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Run => _folder["run"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Fit_WritesAPageThatNeedsNothingElse()
    {
        Train();
        var page = File.ReadAllText(Path.Combine(Run, RunReport.FileName));
        Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
        Assert.DoesNotMatch(@"(src|href)\s*=|url\(|@import", page);
        foreach (var part in new[] { "dpo_loss", "accuracy", "margin", "log-probabilities, validation", "learning rate", "gradient norm", "response lengths", "What do you say to &lt;b&gt;?", "LearningRate", "fingerprint", "prefers-color-scheme: dark" })
            Assert.Contains(part, page, StringComparison.Ordinal);
        foreach (Match svg in Regex.Matches(page, "<svg.*?</svg>", RegexOptions.Singleline)) XDocument.Parse(svg.Value);
    }

    [Fact]
    public void Report_OfTheRunsFolder_IsThePageThatTheRunWrote()
    {
        var findings = Train();
        var report = new MLContext().Preferences.Report(Run);
        report.SaveHtml(_folder["again.html"]);
        Assert.Equal(File.ReadAllText(Path.Combine(Run, RunReport.FileName)), File.ReadAllText(_folder["again.html"]));
        Assert.Equal(findings, report.Findings);
    }

    [Fact]
    public void Report_MetricsAlone_IsMade()
    {
        Directory.CreateDirectory(Run);
        File.WriteAllText(Path.Combine(Run, "metrics.jsonl"), "{\"loss\": 0.7, \"step\": 1}\n{\"loss\": 0.5, \"step\": 2}\n{\"lo");
        var report = new MLContext().Preferences.Report(Run);
        report.SaveCurves(_folder["curves.svg"], "a < b");
        Assert.Contains("a &lt; b", XDocument.Load(_folder["curves.svg"]).ToString(), StringComparison.Ordinal);
        Assert.Contains("1 lines of the metrics were torn", report.ToHtml(), StringComparison.Ordinal);
    }

    [Fact]
    public void Report_NoRun_IsAnError()
    {
        var ml = new MLContext();
        Assert.Contains("OutputDirectory", Assert.Throws<FileNotFoundException>(() => ml.Preferences.Report(_folder.Path)).Message, StringComparison.Ordinal);
        _folder.Write("metrics.jsonl", "no\n");
        Assert.Contains("none is a step's", Assert.Throws<InvalidDataException>(() => ml.Preferences.Report(_folder.Path)).Message, StringComparison.Ordinal);
        _folder.Write("metrics.jsonl", "{\"loss\": 0.7, \"step\": 1}\n");
        _folder.Write("run.json", "{\"options\": 3}");
        Assert.Contains("run.json", Assert.Throws<InvalidDataException>(() => ml.Preferences.Report(_folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_SamplePrompts_LeaveTheTrainingAsItIs()
    {
        Train();
        var metrics = File.ReadAllText(Path.Combine(Run, "metrics.jsonl"));
        var samples = RunRecord.Read(Run).Samples;
        Assert.All(samples, sample => Assert.NotEmpty(sample.Before));
        Assert.NotEqual(samples.Select(s => s.Before), samples.Select(s => s.After));
        Train(o => o.SamplePrompts = []);
        Assert.Equal(metrics, File.ReadAllText(Path.Combine(Run, "metrics.jsonl")));
    }

    [Fact]
    public void Fit_SamplePromptsWithoutFolder_IsAnError() =>
        Assert.Contains("OutputDirectory", Assert.Throws<ArgumentException>(() => Train(o => o.OutputDirectory = null)).Message, StringComparison.Ordinal);

    [Fact]
    public void Fit_Resumed_ReportsTheWholeRun()
    {
        Train(o => o.SaveSteps = 2);
        var page = File.ReadAllText(Path.Combine(Run, RunReport.FileName));
        Train(o => o.ResumeFromCheckpoint = Path.Combine(Run, "checkpoint-2"));
        Assert.Equal(page, File.ReadAllText(Path.Combine(Run, RunReport.FileName)));
    }

    [Fact]
    public void Fit_ReportThatCannotBeWritten_StopsNothing()
    {
        Directory.CreateDirectory(Path.Combine(Run, RunReport.FileName));
        Train();
        Assert.True(File.Exists(Path.Combine(Run, "metrics.jsonl")));
    }

    [Fact]
    public void Fit_TensorBoardDirectory_HasWholeRecordsOfEveryMetric()
    {
        Train(o => o.TensorBoardDirectory = _folder["events"]);
        var records = Records(File.ReadAllBytes(Assert.Single(Directory.GetFiles(_folder["events"]))));
        Assert.Contains("brain.Event:2", records[0], StringComparison.Ordinal);
        foreach (var tag in new[] { "train/loss", "train/rewards/margins", "train/learning_rate", "eval/rewards/accuracies" })
            Assert.Contains(records, record => record.Contains(tag, StringComparison.Ordinal));
    }

    // Length, its masked checksum, bytes, their masked checksum: to the end of the file.
    private static List<string> Records(ReadOnlySpan<byte> file)
    {
        var records = new List<string>();
        while (file.Length > 0)
        {
            var length = (int)BinaryPrimitives.ReadUInt64LittleEndian(file);
            Assert.Equal(Masked(file[..8]), BinaryPrimitives.ReadUInt32LittleEndian(file[8..]));
            Assert.Equal(Masked(file.Slice(12, length)), BinaryPrimitives.ReadUInt32LittleEndian(file[(12 + length)..]));
            records.Add(Encoding.Latin1.GetString(file.Slice(12, length)));
            file = file[(16 + length)..];
        }
        return records;
    }

    private static uint Masked(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var b in bytes)
        {
            crc ^= b;
            for (var bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ ((crc & 1) * 0x82F63B78u);
        }
        return uint.RotateRight(~crc, 15) + 0xA282EAD8u;
    }

    // Four steps and two evaluations.
    private IReadOnlyList<TrainingFinding> Train(Action<DpoTrainer.Options>? change = null)
    {
        var ml = new MLContext(seed: 1);
        var data = ml.Preferences.Load(Fixtures.PathTo("trajectories", "train.jsonl"));
        var options = new DpoTrainer.Options
        {
            BaseModel = Fixtures.Llama,
            Tokenizer = Fixtures.TinyChatml,
            LearningRate = 1e-2,
            BatchSize = 2,
            MaxSteps = 4,
            EvalSteps = 2,
            MaxLength = 256,
            Device = "cpu",
            ValidationSet = ml.Data.TakeRows(data, 2),
            OutputDirectory = Run,
            SamplePrompts = ["hi!", "What do you say to <b>?"],
        };
        change?.Invoke(options);
        options.OverwriteOutputDirectory = options is { OutputDirectory: not null, ResumeFromCheckpoint: null };
        var trainer = ml.Preferences.Trainers.Dpo(options);
        using var model = ml.Preferences.Tokenize(Fixtures.TinyChatml).Append(trainer).Fit(data);
        return trainer.LastFindings!;
    }
}
