using System.Text.Json;

namespace MLNet.Dpo.Benchmarks;

/// <summary>Reads a ShareGPT preference file and chooses the rows that are timed.</summary>
internal static class BenchmarkRows
{
    /// <summary>The most tokens of a prompt and a response.</summary>
    public const int MaxLength = 512;

    private const int TurnStart = 1;
    private const int TurnEnd = 2;

    /// <summary>
    /// Every row of the file as token ids: each turn between a start and an end token with its role, prompt + response cut at <see cref="MaxLength"/>;
    /// rows whose prompt alone fills it are dropped, as TRL does.
    /// </summary>
    public static List<PairTokens> Read(string path)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(path));
        var rows = new List<PairTokens>();
        foreach (var row in document.RootElement.EnumerateArray())
        {
            var prompt = row.GetProperty("conversations").EnumerateArray().SelectMany(turn => Turn(turn, "user"))
                .Append(TurnStart).Concat(PieceHasher.Encode("assistant\n")).ToArray();
            if (prompt.Length >= MaxLength)
                continue;
            var room = MaxLength - prompt.Length;
            rows.Add(new PairTokens(prompt, Response(row.GetProperty("chosen"), room), Response(row.GetProperty("rejected"), room)));
        }
        return rows;
    }

    /// <summary>
    /// <paramref name="count"/> rows spread evenly over the file. Of the possible first rows the one is taken whose choice has a mean token count,
    /// padded and shared, closest to the whole file's, so that a short run stands for a full epoch. The file's shortest row goes before them, to warm up.
    /// </summary>
    public static List<PairTokens> Choose(List<PairTokens> rows, int count)
    {
        if (rows.Count < count)
            throw new ArgumentException($"{count} steps need as many rows, the data has {rows.Count} usable ones: ask for fewer steps.", nameof(count));
        var stride = rows.Count / count;
        var padded = rows.Average(r => r.PaddedTokens);
        var shared = rows.Average(r => r.SharedTokens);
        var chosen = Enumerable.Range(0, stride)
            .Select(first => Enumerable.Range(0, count).Select(i => rows[first + i * stride]).ToList())
            .MinBy(choice => Math.Abs(choice.Average(r => r.PaddedTokens) / padded - 1) + Math.Abs(choice.Average(r => r.SharedTokens) / shared - 1))!;
        return [rows.MinBy(r => r.PaddedTokens)!, .. chosen];
    }

    public static void Write(string path, IEnumerable<PairTokens> rows) =>
        File.WriteAllLines(path, rows.Select(r => JsonSerializer.Serialize(r)));

    public static List<PairTokens> ReadTokens(string path) =>
        [.. File.ReadLines(path).Select(line => JsonSerializer.Deserialize<PairTokens>(line)!)];

    private static IEnumerable<int> Turn(JsonElement turn, string defaultRole)
    {
        var role = turn.GetProperty("from").GetString() switch { "gpt" => "assistant", "system" => "system", _ => defaultRole };
        return [TurnStart, .. PieceHasher.Encode(role + "\n"), .. PieceHasher.Encode(turn.GetProperty("value").GetString()!), TurnEnd, .. PieceHasher.Encode("\n")];
    }

    private static int[] Response(JsonElement turn, int room) =>
        [.. PieceHasher.Encode(turn.GetProperty("value").GetString()!).Append(TurnEnd).Take(room)];
}
