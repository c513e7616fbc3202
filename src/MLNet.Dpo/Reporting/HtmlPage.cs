using System.Net;
using System.Text;

namespace MLNet.Dpo.Reporting;

/// <summary>A page that holds all it needs, for light and dark screens: no script, no font, no network.</summary>
internal sealed class HtmlPage(string title)
{
    private const string Style =
        """
        :root{color-scheme:light dark;--ink:#1f2328;--soft:#57606a;--line:#d8dee4;--page:#ffffff;--warn:#fff8c5;--edge:#d4a72c;--good:#dafbe1}
        @media (prefers-color-scheme: dark){:root{--ink:#f0f6fc;--soft:#9198a1;--line:#30363d;--page:#0d1117;--warn:#2e2a1f;--edge:#9e6a03;--good:#12261e}}
        body{font:15px/1.5 system-ui,-apple-system,'Segoe UI',sans-serif;color:var(--ink);background:var(--page);max-width:1060px;margin:2rem auto;padding:0 1rem}
        h1{font-size:1.5rem} h2{font-size:1.15rem;margin-top:2rem} p.soft,td.soft{color:var(--soft)}
        .finding{background:var(--warn);border-left:4px solid var(--edge);padding:.6rem .9rem;margin:.6rem 0;border-radius:4px} .finding p{margin:.2rem 0}
        .good{background:var(--good);padding:.6rem .9rem;border-radius:4px} .charts{display:flex;flex-wrap:wrap;gap:8px}
        .charts svg{border:1px solid var(--line);border-radius:8px;max-width:100%;height:auto}
        .wide{overflow-x:auto} table{border-collapse:collapse;width:100%} th,td{border-bottom:1px solid var(--line);padding:.3rem .6rem;text-align:left;vertical-align:top;overflow-wrap:anywhere}
        td.text{white-space:pre-wrap}
        """;

    private readonly StringBuilder _body = new();

    /// <summary>A text as it may stand in a page or an attribute.</summary>
    internal static string Escape(string text) => WebUtility.HtmlEncode(text);

    internal HtmlPage Heading(string text) => Append($"<h2>{Escape(text)}</h2>");

    internal HtmlPage Paragraph(string text, string kind = "soft") => Append($"<p class=\"{kind}\">{Escape(text)}</p>");

    /// <summary>What was found, and what to do about it.</summary>
    internal HtmlPage Finding(string name, string message, string remedy) =>
        Append($"<div class=\"finding\"><p><b>{Escape(name)}.</b> {Escape(message)}</p><p>{Escape(remedy)}</p></div>");

    internal HtmlPage Charts(IEnumerable<SvgChart> charts) => Append($"<div class=\"charts\">{string.Concat(charts.Select(chart => chart.ToSvg()))}</div>");

    /// <summary>A table; texts keep their line breaks.</summary>
    internal HtmlPage Table(IReadOnlyList<string> head, IEnumerable<IReadOnlyList<string>> rows)
    {
        var table = new StringBuilder("<div class=\"wide\"><table><thead><tr>");
        foreach (var cell in head) table.Append("<th>").Append(Escape(cell)).Append("</th>");
        table.AppendLine("</tr></thead><tbody>");
        foreach (var row in rows)
        {
            table.Append("<tr>");
            foreach (var cell in row) table.Append("<td class=\"text\">").Append(Escape(cell)).Append("</td>");
            table.AppendLine("</tr>");
        }
        return Append(table.Append("</tbody></table></div>").ToString());
    }

    /// <summary>The whole page.</summary>
    public override string ToString() =>
        $"""
        <!DOCTYPE html>
        <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>{Escape(title)}</title>
        <style>
        {Style}
        {SvgChart.Style}
        </style></head><body>
        <h1>{Escape(title)}</h1>
        {_body}</body></html>

        """;

    private HtmlPage Append(string html)
    {
        _body.AppendLine(html);
        return this;
    }
}
