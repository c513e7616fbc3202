using System.Text;
using Microsoft.ML;
using MLNet.Dpo.Experiments;
using MLNet.Dpo.ExtensionsAI;
using MLNet.Dpo.Reporting;
using MLNet.Dpo.Sampling;
using MLNet.Dpo.Training;

namespace MLNet.Dpo.Fuzz;

// What is kept of work with models: reports, answers, marks, questions, sweeps, verdicts.
internal static partial class Readers
{
    private const string Questions = """
        {"prompt": "2 + 2?", "numeric": 4, "tolerance": 0.5, "id": "a"}
        {"messages": [{"role": "user", "content": "capital?"}], "contains": ["Par", "is"], "ignore_case": true}
        {"prompt": "q", "regex": "^(a|b)+[0-9]{1,3}$"}
        {"prompt": "r", "expected": ["yes", "no"]}
        {"prompt": "s", "judge": "a good answer"}

        """;

    private static IEnumerable<Reader> Work() => [.. Reports(), .. Answers(), .. Marks(), .. Experiments()];

    private static IEnumerable<Reader> Reports()
    {
        static void Report(string folder)
        {
            var report = new MLContext().Preferences.Report(folder);
            _ = report.ToString();
            report.SaveHtml(Path.Combine(folder, RunReport.FileName));
        }

        yield return new Reader(RunRecord.Name, RunRecord.Name, Samples.Run, Report)
        {
            Prepare = folder => File.WriteAllBytes(Path.Combine(folder, MetricsFile.Name), Samples.Metrics()),
        };
        yield return new Reader($"{MetricsFile.Name} (report)", MetricsFile.Name, Samples.Metrics, Report)
        {
            Prepare = folder => File.WriteAllBytes(Path.Combine(folder, RunRecord.Name), Samples.Run()),
        };
    }

    private static IEnumerable<Reader> Answers()
    {
        const string Name = "samples.jsonl";
        yield return new Reader(Name, Name, Samples.Answers, folder => new MLContext().Preferences.LoadSamples(Path.Combine(folder, Name)));
        yield return new Reader($"{Name} (gone on with)", Name, Samples.Answers, folder => SampleStore.Open(Samples.Sampling(Path.Combine(folder, Name)), Samples.Asked).Dispose()) { MayBeOfAnother = true };
    }

    private static IEnumerable<Reader> Marks()
    {
        foreach (var (name, samples) in Samples.ToMark)
        {
            foreach (var allowEdits in new[] { false, true })
            {
                yield return new Reader($"mark sheet ({name}{(allowEdits ? ", edited" : "")})", "00001.txt", () => Samples.Sheet(samples), folder =>
                {
                    var view = new MLContext().Preferences.ReadMarked(folder, allowEdits);
                    new MLContext().Preferences.SaveJsonLines(view, Path.Combine(folder, "marked.jsonl"));
                });
            }
        }
    }

    private static IEnumerable<Reader> Experiments()
    {
        yield return new Reader("evaluation set", "cases.jsonl", () => Encoding.UTF8.GetBytes(Questions), folder =>
        {
            foreach (var one in new MLContext().Preferences.LoadEvaluationSet(Path.Combine(folder, "cases.jsonl")))
            {
                if (one.Expected.Reference is null) one.Expected.IsRight("The answer is 1,234.5, aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!");
            }
        });
        yield return new Reader($"sweep's {SweepRecord.FileName}", SweepRecord.FileName, Samples.Sweep, folder =>
        {
            var record = SweepRecord.Read(folder)!;
            _ = record.DifferencesFrom(new Dictionary<string, string> { ["Beta"] = "0.1" });
            var result = new SweepResult([SweepAxis.Of("Beta", o => o.Beta, (o, beta) => o.Beta = beta, [0.1f])], [new SweepRun("baseline", new Dictionary<string, string> { ["Beta"] = "0.1" }, folder, new DpoTrainer.Options(), record.Result, null, true)]);
            _ = result.ToString();
            result.SaveHtml(Path.Combine(folder, "sweep.html"));
        });
        yield return new Reader("judge's verdicts", "verdicts.jsonl", () => "{\"key\":\"00ff\",\"verdict\":\"Tie\"}\n{\"key\":\"01ff\",\"verdict\":\"A\"}\n"u8.ToArray(), folder => _ = new VerdictCache(Path.Combine(folder, "verdicts.jsonl")))
        {
            NeverFails = true,
        };
        foreach (var (name, format, answer) in Samples.ToolCalls)
        {
            yield return new Reader($"tool calls ({name})", "answer.txt", () => Encoding.UTF8.GetBytes(answer), folder =>
            {
                var reader = new ToolCallReader(format);
                foreach (var piece in File.ReadAllText(Path.Combine(folder, "answer.txt")).Chunk(5)) _ = reader.Add(new string(piece));
                _ = reader.End(out _);
            })
            {
                NeverFails = true,
            };
        }
        yield return new Reader("schema of a completion", "schema.json", () => Encoding.UTF8.GetBytes(Samples.Schema), folder =>
        {
            var options = new GenerationOptions { JsonSchema = File.ReadAllText(Path.Combine(folder, "schema.json")) };
            try
            {
                options.Validate();
            }
            catch (ArgumentException e)
            {
                throw new InvalidDataException($"schema.json: {e.Message}", e);
            }
        });
    }
}
