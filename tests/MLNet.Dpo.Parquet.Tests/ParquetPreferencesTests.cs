using Microsoft.ML;
using MLNet.Dpo.Tests;
using Parquet;
using Parquet.Serialization;
using Xunit;

namespace MLNet.Dpo.Parquet.Tests;

public sealed class ParquetPreferencesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _ml = new(seed: 1);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task LoadParquet_Texts_AreRows()
    {
        await Write("a.parquet", [new() { prompt = "ü1", chosen = "a", rejected = "b", score = 0.5f, id = 7 }, new() { prompt = "2", chosen = "c", rejected = "d" }]);
        var rows = Read(_ml.Preferences.LoadParquet(_folder["a.parquet"]));
        Assert.Equal(["ü1", "2"], rows.Select(row => row.Prompt));
        Assert.Equal([["a", "b"], ["c", "d"]], rows.Select(row => row.Responses));
        Assert.Equal($"'{_folder["a.parquet"]}', record 2", rows[1].SourceRecord);
    }

    [Theory]
    [InlineData(CompressionMethod.None)]
    [InlineData(CompressionMethod.Snappy)]
    [InlineData(CompressionMethod.Gzip)]
    [InlineData(CompressionMethod.Zstd)]
    public async Task LoadParquet_SeveralRowGroups_AreReadInOrder(CompressionMethod compression)
    {
        var rows = Enumerable.Range(0, 25).Select(i => new Flat { prompt = $"p{i}", chosen = new string('a', i + 1), rejected = "b" }).ToList();
        await Write("a.parquet", rows, new ParquetOptions { RowGroupSize = 10, CompressionMethod = compression });
        var data = _ml.Preferences.LoadParquet(_folder["a.parquet"]);
        for (var pass = 0; pass < 2; pass++)
        {
            var read = Read(data);
            Assert.Equal(rows.Select(row => row.prompt), read.Select(row => row.Prompt));
            Assert.Equal(rows.Select(row => row.chosen), read.Select(row => row.Responses[0]));
        }
    }

    [Fact]
    public async Task LoadParquet_ListsOfMessages_AreMessages()
    {
        Nested[] rows =
        [
            new() { prompt = "q", chosen = [new() { role = "user", content = "q" }, new() { role = "assistant", content = "a" }], rejected = [new() { role = "user", content = "q" }, new() { role = "assistant", content = "b" }], tags = ["x", null, "y"], meta = new() { source = "s" }, score_chosen = 8 },
            new() { prompt = null, messages = [], chosen = [new() { role = "system", content = "s" }, new() { role = "user", content = "r" }, new() { role = "assistant", content = "c" }], rejected = [new() { role = "system", content = "s" }, new() { role = "user", content = "r" }, new() { role = "assistant", content = "d" }], tags = [], meta = null },
        ];
        await Write("a.parquet", rows);
        var read = Read(_ml.Preferences.LoadParquet(_folder["a.parquet"]));
        Assert.Equal("q", read[0].Prompt);
        Assert.Equal("""[{"role":"system","content":"s"},{"role":"user","content":"r"}]""", read[1].Messages);
        Assert.Equal([["a", "b"], ["c", "d"]], read.Select(row => row.Responses));
    }

    [Fact]
    public async Task LoadParquet_ListsInStructsInLists_AreRatedCompletions()
    {
        Rated[] rows =
        [
            new() { instruction = "q", completions = [new() { response = "a", overall_score = 2, tags = ["x", "y"] }, new() { response = "b", overall_score = 5, tags = [] }, new() { response = "c", overall_score = 4 }] },
            new() { instruction = "r", completions = [new() { response = "d", overall_score = 1, tags = [null] }, new() { response = "e", overall_score = 0 }] },
        ];
        await Write("a.parquet", rows);
        var read = Read(_ml.Preferences.LoadParquet(_folder["a.parquet"]));
        Assert.Equal([["a", "b", "c"], ["d", "e"]], read.Select(row => row.Responses));
        Assert.Equal([2f, 5f, 4f], read[0].Scores);
    }

    [Fact]
    public async Task LoadParquet_NamedColumns_AreTaken()
    {
        await Write("a.parquet", [new German { frage = "q", gut = "a", schlecht = "b" }]);
        var columns = new RecordColumns { Prompt = "frage", Chosen = "gut", Rejected = "schlecht" };
        Assert.Equal("q", Assert.Single(Read(_ml.Preferences.LoadParquet(new PreferenceLoader.Options { Columns = columns }, _folder["a.parquet"]))).Prompt);
        columns.Prompt = "question";
        var e = Assert.Throws<PreferenceDataException>(() => Read(_ml.Preferences.LoadParquet(new PreferenceLoader.Options { Columns = columns }, _folder["a.parquet"])));
        Assert.Equal($"'{_folder["a.parquet"]}', record 1: the key 'question', which Columns.Prompt names, is missing; it has the keys 'frage', 'gut', 'schlecht'", e.Message);
        Assert.Null(e.Line);
    }

    [Fact]
    public async Task LoadParquet_ABadRow_IsSkippedOnRequest()
    {
        await Write("a.parquet", [new Flat { prompt = "1", chosen = "a", rejected = "b" }, new() { prompt = "2", chosen = null, rejected = "b" }, new() { prompt = "3", chosen = "a", rejected = "b" }]);
        Assert.Contains("record 2: 'chosen' is missing", Assert.Throws<PreferenceDataException>(() => Read(_ml.Preferences.LoadParquet(_folder["a.parquet"]))).Message);
        var options = new PreferenceLoader.Options { OnBadRow = BadRowHandling.Skip, BadRowsFile = _folder["bad.jsonl"] };
        Assert.Equal(["1", "3"], Read(_ml.Preferences.LoadParquet(options, _folder["a.parquet"])).Select(row => row.Prompt));
        Assert.Contains("\"record\":2,\"reason\":\"'chosen' is missing", Assert.Single(File.ReadAllLines(_folder["bad.jsonl"])));
    }

    [Fact]
    public async Task LoadParquet_WhatIsNoParquet_IsRefused()
    {
        await Write("a.parquet", [new Flat { prompt = "1", chosen = "a", rejected = "b" }]);
        var bytes = await File.ReadAllBytesAsync(_folder["a.parquet"]);
        await File.WriteAllBytesAsync(_folder["cut.parquet"], bytes[..^8]);
        await File.WriteAllBytesAsync(_folder["rotten.parquet"], [.. bytes[..4], .. Enumerable.Repeat((byte)0xff, bytes.Length - 12), .. bytes[^8..]]);
        Assert.Contains("is no Parquet file; expected one that begins and ends with PAR1", Refused(_folder.Write("a.jsonl", """{"prompt":"q","chosen":"a","rejected":"b"}""")));
        Assert.Contains("is no Parquet file", Refused(_folder.Write("empty.parquet", "")));
        Assert.Contains("does not end as one (truncated?)", Refused(_folder["cut.parquet"]));
        Assert.Contains("cannot be read as Parquet: ", Refused(_folder["rotten.parquet"]));
        Assert.Contains("does not exist; expected a Parquet file", Refused(_folder["none.parquet"]));
        Assert.Contains("ml.Preferences.LoadParquet of the package MLNet.Dpo.Parquet", Assert.Throws<PreferenceDataException>(() => Read(_ml.Preferences.Load(_folder["a.parquet"]))).Message);
    }

    [Theory]
    [InlineData("F9F1FFFFFFFF0700", "a list has 2147483647 items, and 1 bytes are left")]
    [InlineData("F9110100", "a value of the kind 1")]
    [InlineData("180000", "field 1 is of kind 8; expected 5")]
    [InlineData("292C1500", "it ends too early")]
    [InlineData("15FFFFFFFFFFFFFFFFFFFFFF", "a number has no end")]
    [InlineData("68FFFF0300", "a text has 65535 bytes, and 1 are left")]
    [InlineData("F9191919191919191919191919191919191919191919191919191919191919191919191919191919", "more than 32 deep")]
    public void LoadParquet_DamagedMetadata_IsRefusedBeforeAnybodyBelievesThem(string footer, string message)
    {
        var bytes = Convert.FromHexString(footer);
        File.WriteAllBytes(_folder["a.parquet"], [.. "PAR1"u8, .. bytes, .. BitConverter.GetBytes(bytes.Length), .. "PAR1"u8]);
        var error = Refused(_folder["a.parquet"]);
        Assert.StartsWith($"'{_folder["a.parquet"]}' cannot be read as Parquet: its metadata are damaged: ", error, StringComparison.Ordinal);
        Assert.Contains(message, error, StringComparison.Ordinal);
    }

    private string Refused(string path) => Assert.Throws<PreferenceDataException>(() => Read(_ml.Preferences.LoadParquet(path))).Message;

    private async Task Write<T>(string name, IReadOnlyCollection<T> rows, ParquetOptions? options = null)
    {
        await using var stream = File.Create(_folder[name]);
        await ParquetSerializer.SerializeAsync(rows, stream, options);
    }

    private Task Write(string name, IReadOnlyCollection<Flat> rows, ParquetOptions? options = null) => Write<Flat>(name, rows, options);

    private List<Row> Read(IDataView data) => [.. _ml.Data.CreateEnumerable<Row>(data, reuseRowObject: false)];

    private sealed class Row
    {
        public string Prompt { get; set; } = "";

        public string Messages { get; set; } = "";

        public string[] Responses { get; set; } = [];

        public float[] Scores { get; set; } = [];

        public string SourceRecord { get; set; } = "";
    }

    // Named as the columns of such files are.
    private sealed class Flat
    {
        public string? prompt { get; set; }

        public string? chosen { get; set; }

        public string? rejected { get; set; }

        public float? score { get; set; }

        public long id { get; set; }
    }

    private sealed class German
    {
        public string? frage { get; set; }

        public string? gut { get; set; }

        public string? schlecht { get; set; }
    }

    private sealed class Message
    {
        public string? role { get; set; }

        public string? content { get; set; }
    }

    private sealed class Meta
    {
        public string? source { get; set; }
    }

    private sealed class Nested
    {
        public string? prompt { get; set; }

        public List<Message>? messages { get; set; }

        public List<Message>? chosen { get; set; }

        public List<Message>? rejected { get; set; }

        public List<string?>? tags { get; set; }

        public Meta? meta { get; set; }

        public double? score_chosen { get; set; }
    }

    private sealed class Completion
    {
        public string? response { get; set; }

        public double? overall_score { get; set; }

        public List<string?>? tags { get; set; }
    }

    private sealed class Rated
    {
        public string? instruction { get; set; }

        public List<Completion>? completions { get; set; }
    }
}
