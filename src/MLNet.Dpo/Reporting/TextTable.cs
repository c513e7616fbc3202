using System.Text;

namespace MLNet.Dpo.Reporting;

/// <summary>A table for consoles: columns as wide as their longest cell, numbers to the right.</summary>
internal static class TextTable
{
    /// <summary>The table's lines, without a break at the end.</summary>
    internal static string Of(IReadOnlyList<string> head, IEnumerable<IReadOnlyList<string>> rows)
    {
        IReadOnlyList<string>[] all = [head, .. rows];
        int[] widths = [.. head.Select((_, column) => all.Max(row => row[column].Length))];
        var text = new StringBuilder();
        foreach (var row in all)
        {
            var cells = row.Select((cell, column) => column == 0 ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column]));
            text.AppendLine(string.Join("  ", cells).TrimEnd());
        }
        return text.ToString().TrimEnd();
    }
}
