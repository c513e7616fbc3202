using System.Globalization;
using System.Text;
using MLNet.Dpo.Adapters;
using MLNet.Dpo.Files;
using MLNet.Dpo.Reporting;

namespace MLNet.Dpo.Saving;

/// <summary>README.md of a model folder, as Hugging Face's hub shows it: what the model is, and of its training, where that is known, data, last metrics and options. It names no path of this machine.</summary>
internal static class ModelCard
{
    private const string Name = "README.md";
    private static readonly string[] Paths = ["BaseModel", "Tokenizer", "ReferenceModel", "Lora.InitialAdapter"];
    private static readonly string[] Metrics = ["loss", "rewards/accuracies", "rewards/margins", "rewards/chosen", "rewards/rejected", "logps/chosen", "logps/rejected"];

    /// <summary>Writes it into a folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="title">What the model is called.</param>
    /// <param name="model">The model.</param>
    /// <param name="adapter">The adapter that is merged; null for none.</param>
    /// <param name="run">Its training; null where that is not known.</param>
    internal static void Write(string folder, string title, TunedModel model, AdapterConfig? adapter, RunReport? run)
    {
        var bytes = Encoding.UTF8.GetBytes(Text(title, model, adapter, run));
        AtomicFile.Write(Path.Combine(folder, Name), stream => stream.Write(bytes));
    }

    private static string Text(string title, TunedModel model, AdapterConfig? adapter, RunReport? run)
    {
        var (source, parameters) = (BaseFolder.NameOf(model.BasePath), model.Network.Parameters.Values.Sum(weight => weight.numel()));
        var card = new StringBuilder();
        card.Append("---\nlibrary_name: transformers\npipeline_tag: text-generation\n");
        card.Append(CultureInfo.InvariantCulture, $"base_model: {Quoted(source)}\ntags:\n- {(run is null ? "text-generation" : "preference-tuning")}\n- mlnet-dpo\n---\n\n# {Line(title)}\n\n");
        card.Append(CultureInfo.InvariantCulture, $"A {model.Network.Config.ModelType} model of {parameters:N0} parameters, made of {Line(source)} with MLNet.Dpo{(adapter is not null ? $" (LoRA of rank {adapter.Rank}, merged)" : "")}.\n");
        if (run is null) card.Append("\nHow it was trained is not known here. Add data, metrics and licence before you publish it.\n");
        else AppendRun(card, run);
        return card.ToString();
    }

    private static void AppendRun(StringBuilder card, RunReport run)
    {
        card.Append(CultureInfo.InvariantCulture, $"\nTrained for {run.Series.LastStep:0} optimizer steps. Its licence is that of the base model and of the data; add both before you publish it.\n");
        Table(card, "Data", ["", "value"], run.Run.Data.Where(value => value.Value is not "0").Select(value => new[] { value.Key, value.Value }));
        Table(card, "Last metrics", ["metric", "training", "validation"], Metrics
            .Select(metric => new[] { metric, Last(run.Series, metric), Last(run.Series, RunSeries.Eval + metric) })
            .Where(row => row[1].Length + row[2].Length > 0));
        Table(card, "Options", ["option", "value"], run.Run.Options.Select(option => new[] { option.Key, Paths.Contains(option.Key) ? BaseFolder.NameOf(option.Value) : option.Value }));
        if (run.Findings.Count == 0) return;
        card.Append("\n## What the metrics show\n\n");
        foreach (var finding in run.Findings) card.Append(CultureInfo.InvariantCulture, $"- {Line(finding.ToString())}\n");
    }

    private static void Table(StringBuilder card, string heading, string[] columns, IEnumerable<string[]> rows)
    {
        var all = rows.ToList();
        if (all.Count == 0) return;
        card.Append(CultureInfo.InvariantCulture, $"\n## {heading}\n\n| {string.Join(" | ", columns)} |\n|{string.Concat(columns.Select(_ => "---|"))}\n");
        foreach (var row in all) card.Append(CultureInfo.InvariantCulture, $"| {string.Join(" | ", row.Select(cell => Line(cell).Replace("|", "\\|", StringComparison.Ordinal)))} |\n");
    }

    private static string Last(RunSeries series, string metric) => series[metric] is { Count: > 0 } points ? points[^1].Value.ToString("0.####", CultureInfo.InvariantCulture) : "";

    private static string Line(string text) => text.ReplaceLineEndings(" ");

    private static string Quoted(string text) => $"\"{Line(text).Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
