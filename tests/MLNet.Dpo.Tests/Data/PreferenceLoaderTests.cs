using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Dpo.Data;
using Xunit;

namespace MLNet.Dpo.Tests.Data;

public sealed class PreferenceLoaderTests : IDisposable
{
    private const string Pairs = """
        {"prompt":"one","chosen":"a","rejected":"b"}
        {"prompt":"two","responses":["x","y","z"],"scores":[0.5,1,0.5]}
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void GetOutputSchema_HasTheColumnsOfAGroup()
    {
        var schema = new PreferenceLoader().GetOutputSchema();
        Assert.Equal(["Prompt", "Messages", "PromptKey", "Responses", "ResponseMessages", "Scores", "LossWeights", "LmLossMasks", "Tools", "ChatTemplateArguments", "SourceRecord"], schema.Select(column => column.Name));
        Assert.Equal(TextDataViewType.Instance, schema["Prompt"].Type);
        Assert.Equal(new VectorDataViewType(TextDataViewType.Instance), schema["Responses"].Type);
        Assert.Equal(new VectorDataViewType(NumberDataViewType.Single), schema["Scores"].Type);
    }

    [Fact]
    public void Load_Files_GivesTheirRowsInOrder()
    {
        var data = new PreferenceLoader().Load(_folder.Write("1.jsonl", Pairs), _folder.Write("2.json", """[{"prompt":"three","chosen":"a","rejected":"b"}]"""));

        var rows = Read(data);

        Assert.Equal(["one", "two", "three"], rows.Select(row => row.Prompt));
        Assert.Equal([["a", "b"], ["x", "y", "z"], ["a", "b"]], rows.Select(row => row.Responses.ToArray()));
        Assert.Equal([[1f, 0f], [0.5f, 1f, 0.5f], [1f, 0f]], rows.Select(row => row.Scores.ToArray()));
        Assert.Equal(rows.Select(row => row.Prompt), Read(data).Select(row => row.Prompt));
    }

    [Fact]
    public void Load_ThroughMLContext_GivesTypedRows()
    {
        var data = new PreferenceLoader().Load(_folder.Write("1.jsonl", Pairs));
        var rows = new MLContext(seed: 1).Data.CreateEnumerable<Row>(data, reuseRowObject: false).ToList();
        Assert.Equal(["one", "two"], rows.Select(row => row.Prompt));
        Assert.Equal(["x", "y", "z"], rows[1].Responses);
        Assert.Equal([0.5f, 1f, 0.5f], rows[1].Scores);
    }

    [Fact]
    public void GetRowCursor_SomeColumns_OnlyTheseAreActive()
    {
        var data = new PreferenceLoader().Load(_folder.Write("1.jsonl", Pairs));
        using var cursor = data.GetRowCursor([data.Schema["Scores"]]);
        Assert.True(cursor.IsColumnActive(data.Schema["Scores"]));
        Assert.False(cursor.IsColumnActive(data.Schema["Prompt"]));
        Assert.Throws<ArgumentException>(() => cursor.GetGetter<ReadOnlyMemory<char>>(data.Schema["Prompt"]));
        Assert.Throws<InvalidOperationException>(() => cursor.GetGetter<float>(data.Schema["Scores"]));
        Assert.False(data.CanShuffle);
        Assert.Null(data.GetRowCount());
    }

    [Fact]
    public void GetGetter_OutsideTheRows_Throws()
    {
        var data = new PreferenceLoader().Load(_folder.Write("1.jsonl", Pairs));
        using var cursor = Assert.Single(data.GetRowCursorSet(data.Schema, 4));
        var getter = cursor.GetGetter<VBuffer<float>>(data.Schema["Scores"]);
        VBuffer<float> scores = default;

        Assert.Equal(-1, cursor.Position);
        Assert.Throws<InvalidOperationException>(() => getter(ref scores));
        for (var row = 0; row < 2; row++)
        {
            Assert.True(cursor.MoveNext());
            Assert.Equal(row, cursor.Position);
            DataViewRowId id = default;
            cursor.GetIdGetter()(ref id);
            Assert.Equal(new DataViewRowId((ulong)row, 0), id);
            getter(ref scores);
            Assert.Equal(2 + row, scores.Length);
        }
        Assert.False(cursor.MoveNext());
        Assert.False(cursor.MoveNext());
        Assert.Throws<InvalidOperationException>(() => getter(ref scores));
    }

    [Fact]
    public void Load_HugeFile_TakingAFewRowsReadsLittle()
    {
        var data = new PreferenceLoader().Load(_folder.Write("1.jsonl", Pairs + "\nnot json"));
        var some = new MLContext().Data.TakeRows(data, 2);
        Assert.Equal(2, new MLContext().Data.CreateEnumerable<Row>(some, reuseRowObject: false).Count());
        Assert.Throws<PreferenceDataException>(() => Read(data));
    }

    [Fact]
    public void Load_NothingToLoad_SaysSo()
    {
        Assert.Equal("no files were given; expected at least one file of preference data", Assert.Throws<PreferenceDataException>(() => new PreferenceLoader().Load(new MultiFileSource())).Message);
        Assert.Equal($"'{_folder["none"]}' does not exist; expected a file of preference data", Assert.Throws<PreferenceDataException>(() => new PreferenceLoader().Load(_folder["none"])).Message);
        Assert.Equal($"'{_folder.Path}' is a folder; expected a file of preference data", Assert.Throws<PreferenceDataException>(() => new PreferenceLoader().Load(_folder.Path)).Message);
    }

    [Fact]
    public void Load_FileRemovedBeforeReading_SaysSo()
    {
        var data = new PreferenceLoader().Load(_folder.Write("1.jsonl", Pairs));
        File.Delete(_folder["1.jsonl"]);
        Assert.Equal($"'{_folder["1.jsonl"]}' does not exist; expected a file of preference data", Assert.Throws<PreferenceDataException>(() => Read(data)).Message);
    }

    [Fact]
    public void Options_UnknownFormat_IsRefused() =>
        Assert.StartsWith("Format is 99; expected one of Auto, ShareGpt, Messages, Trl, Alpaca, Groups",
            Assert.Throws<ArgumentOutOfRangeException>(() => new PreferenceLoader(new PreferenceLoader.Options { Format = (PreferenceFormat)99 })).Message);

    [Fact]
    public void Save_WithAModel_LoadsWithTheSameOptions()
    {
        var ml = new MLContext();
        var loader = new PreferenceLoader(new PreferenceLoader.Options { Format = PreferenceFormat.Trl, AllowEmptyResponses = true });
        ml.Model.Save(null, loader, _folder["loader.zip"]);

        ml.Model.LoadWithDataLoader(_folder["loader.zip"], out IDataLoader<IMultiStreamSource> loaded);

        Assert.Equal("", Read(loaded.Load(_folder.Write("1.json", """{"prompt":"q","chosen":"a","rejected":""}""")))[0].Responses[1]);
        Assert.Throws<PreferenceDataException>(() => Read(loaded.Load(_folder.Write("2.json", """{"instruction":"q","output":"a"}"""))));
    }

    private static List<PreferenceGroup> Read(IDataView data)
    {
        using var cursor = data.GetRowCursor(data.Schema);
        var prompt = cursor.GetGetter<ReadOnlyMemory<char>>(data.Schema["Prompt"]);
        var responses = cursor.GetGetter<VBuffer<ReadOnlyMemory<char>>>(data.Schema["Responses"]);
        var scores = cursor.GetGetter<VBuffer<float>>(data.Schema["Scores"]);
        var rows = new List<PreferenceGroup>();
        ReadOnlyMemory<char> text = default;
        VBuffer<ReadOnlyMemory<char>> texts = default;
        VBuffer<float> numbers = default;
        while (cursor.MoveNext())
        {
            prompt(ref text);
            responses(ref texts);
            scores(ref numbers);
            rows.Add(new PreferenceGroup(text.ToString(), "", [.. texts.DenseValues().Select(value => value.ToString())], [], [.. numbers.DenseValues()]));
        }
        return rows;
    }

    private sealed class Row
    {
        public string Prompt { get; set; } = "";

        public string[] Responses { get; set; } = [];

        public float[] Scores { get; set; } = [];
    }
}
