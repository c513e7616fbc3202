using System.Text;
using MLNet.Dpo.Files;
using MLNet.Dpo.Inspection;
using MLNet.Dpo.Reporting;

namespace MLNet.Dpo;

/// <summary>What an inspection of preference data counted and found. As text it is a table for the console.</summary>
public sealed class DataInspection
{
    private readonly DataStatistics _data;
    private readonly ModelCheck? _model;

    internal DataInspection(DataStatistics data, ModelCheck? model, bool hasChatTemplate)
    {
        (_data, _model) = (data, model);
        Findings = [.. DataFindings.Of(data, hasChatTemplate), .. model?.Findings() ?? []];
    }

    /// <summary>What should be mended or known before training; empty for a healthy set.</summary>
    public IReadOnlyList<DataFinding> Findings { get; }

    /// <summary>Rows that can be used.</summary>
    public int Rows => _data.Rows.Count;

    /// <summary>Different prompts; case and white space do not tell prompts apart.</summary>
    public int Prompts => _data.Prompts;

    /// <summary>Pairs of responses that differ in score.</summary>
    public int Pairs => _data.Pairs;

    /// <summary>The share of pairs of different lengths in which the longer response is chosen, 0 to 1; 0.5 where there are none.</summary>
    public double LongerWins => _data.LongerWins;

    /// <summary>The share of rows that have a response cut at the length limit, or are dropped there, 0 to 1.</summary>
    public double CutShare => Rows == 0 ? 0 : (_data.CutRows + _data.LongPrompts) / (double)Rows;

    /// <summary>Mean log-probability, in nats, of a token of the chosen answers under the base; null where no model was asked.</summary>
    public double? ChosenLogp => _model?.Chosen;

    /// <summary>The same of the base's own answers.</summary>
    public double? OwnLogp => _model?.Own;

    /// <summary>The share of chosen answers that are as probable under the base as its own, 0 to 1; null where no model was asked.</summary>
    public double? OnPolicyShare => _model?.OnPolicy;

    /// <summary>Writes figures and findings as one HTML file that needs nothing else, for light and dark screens.</summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <exception cref="IOException">It cannot be written; an old file stays as it was.</exception>
    public void SaveHtml(string path)
    {
        var page = new HtmlPage("Preference data").Heading("Findings");
        foreach (var finding in Findings) page.Finding(NameOf(finding.Kind), finding.Message, finding.Remedy);
        if (Findings.Count == 0) page.Paragraph("Nothing needs to be mended.", "good");
        page.Heading("Counts").Table(["", ""], Figures()).Heading("Lengths in tokens").Table(LengthHead, Lengths());
        AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(page.ToString())));
    }

    /// <summary>The figures as tables, then the findings.</summary>
    public override string ToString() => string.Join(Environment.NewLine + Environment.NewLine,
        TextTable.Of(["", ""], Figures()).TrimStart(),
        TextTable.Of(LengthHead, Lengths()),
        Findings.Count == 0 ? "Nothing needs to be mended." : string.Join(Environment.NewLine, Findings));

    private static IReadOnlyList<string> LengthHead { get; } = ["tokens", "mean", "median", "95 %", "max"];

    private IEnumerable<IReadOnlyList<string>> Lengths()
    {
        foreach (var (name, d) in new[] { ("prompt", _data.PromptLengths), ("chosen", _data.ChosenLengths), ("rejected", _data.RejectedLengths), ("prompt and longest response", _data.RowLengths) })
            yield return [name, T($"{d.Mean:0.#}"), T($"{d.Median:0}"), T($"{d.P95:0}"), T($"{d.Max:0}")];
    }

    private IEnumerable<IReadOnlyList<string>> Figures()
    {
        yield return ["rows", T($"{Rows:N0}")];
        yield return ["rows that cannot be used", T($"{_data.Unusable.Count:N0}")];
        yield return ["different prompts", T($"{Prompts:N0}")];
        yield return ["pairs", T($"{Pairs:N0}")];
        yield return ["rows without different scores", T($"{_data.Ties.Count:N0}")];
        yield return ["rows with identical responses", T($"{_data.Identical.Count:N0}")];
        yield return ["rows with an empty response", T($"{_data.Empty.Count:N0}")];
        yield return ["rows that prefer a refusal", T($"{_data.Refusing.Count:N0}")];
        yield return ["duplicates", T($"{_data.Duplicates.Count:N0}")];
        yield return ["near duplicates", T($"{_data.Near.Count:N0}")];
        yield return ["contradictions", T($"{_data.Contradicting.Count:N0}")];
        yield return ["prompts also in the other split", T($"{_data.Leaking.Count:N0}")];
        yield return ["longer wins", T($"{LongerWins:P1}")];
        yield return [T($"cut at {_data.MaxLength} tokens"), T($"{CutShare:P1}")];
        yield return ["different runs of 1, 2, 3 tokens in chosen", string.Join(", ", _data.Distinct.Select(share => T($"{share:P0}")))];
        if (_model is null) yield break;
        yield return ["log-probability a token: chosen, rejected, the base's own", T($"{_model.Chosen:0.00}, {_model.Rejected:0.00}, {_model.Own:0.00} ({_model.Rows} rows)")];
        yield return ["chosen as probable as the base's own", T($"{_model.OnPolicy:P0}")];
    }

    private static string NameOf(DataFindingKind kind) =>
        string.Concat(kind.ToString().Select((c, i) => i > 0 && char.IsUpper(c) ? " " + char.ToLowerInvariant(c) : c.ToString()));

    private static string T(FormattableString text) => DataFindings.Text(text);
}
