using System.Security.Cryptography;
using System.Text;
using Microsoft.ML;
using MLNet.Dpo.DataViews;
using MLNet.Dpo.Training;

namespace MLNet.Dpo.Experiments;

/// <summary>The fingerprint of preference data as texts.</summary>
internal static class RowsHash
{
    /// <summary>All that a training reads of rows, in their order, as a SHA-256 in hexadecimal. The data are read once.</summary>
    internal static string Of(IDataView data)
    {
        var columns = PreferenceColumns.Find(data.Schema, new InputColumnNames());
        var numbers = new[] { ColumnNames.Scores, ColumnNames.LmLossMasks }.Select(name => data.Schema.GetColumnOrNull(name)).OfType<DataViewSchema.Column>().ToList();
        using var cursor = data.GetRowCursor(columns.All.Concat(numbers).DistinctBy(column => column.Index));
        var read = columns.CreateReader(cursor);
        var readNumbers = numbers.Select(column => ColumnReader.Values<float>(cursor, column)).ToList();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        while (cursor.MoveNext())
        {
            var row = read();
            foreach (var text in row.Responses.Prepend(row.Prompt)) Append(text.Text ?? text.Messages!.ToJsonString(), text.Text is null ? "messages" : "text");
            Append(row.Tools?.ToJsonString() ?? "", row.Arguments.ToJsonString());
            foreach (var values in readNumbers.Select(get => get()).Prepend([.. row.LossWeights])) Append(string.Join(' ', values.Select(value => RunIdentity.Text(value))), "");
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());

        void Append(string text, string kind) => hash.AppendData(Encoding.UTF8.GetBytes($"{text}\0{kind}\0"));
    }
}
