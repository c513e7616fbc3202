using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Microsoft.ML;
using MLNet.Dpo.DataViews;
using MLNet.Dpo.Labeling;

namespace MLNet.Dpo.Experiments;

/// <summary>The fingerprint of preference data as texts.</summary>
internal static class RowsHash
{
    /// <summary>Prompts, responses and scores in their order, as a SHA-256 in hexadecimal. The data are read once.</summary>
    internal static string Of(IDataView data)
    {
        var columns = PreferenceColumns.Find(data.Schema, new InputColumnNames());
        var scores = data.Schema.GetColumnOrNull(ColumnNames.Scores);
        using var cursor = data.GetRowCursor(scores is { } column ? columns.All.Append(column).DistinctBy(c => c.Index) : columns.All);
        var read = columns.CreateReader(cursor);
        Func<float[]> readScores = scores is { } found ? ScoreColumn.Reader(cursor, found) : () => [];
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        while (cursor.MoveNext())
        {
            var row = read();
            foreach (var text in row.Responses.Prepend(row.Prompt)) hash.AppendData(Encoding.UTF8.GetBytes($"{text.Text ?? text.Messages!.ToJsonString()}\n{text.Text is null}\0"));
            hash.AppendData(Encoding.UTF8.GetBytes($"{row.Tools?.ToJsonString()}\0{row.Arguments?.ToJsonString()}\0"));
            hash.AppendData(MemoryMarshal.AsBytes(readScores().AsSpan()));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
