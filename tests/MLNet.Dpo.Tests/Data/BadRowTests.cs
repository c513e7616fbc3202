using System.Text.Json.Nodes;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Xunit;

namespace MLNet.Dpo.Tests.Data;

/// <summary>Records that cannot be used: left out, counted, said once, listed.</summary>
public sealed class BadRowTests : IDisposable
{
    private const string Good = """{"prompt":"q","chosen":"a","rejected":"b","id":7}""";

    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _ml = new(seed: 1);
    private readonly List<string> _warnings = [];
    private readonly List<string> _notes = [];

    public BadRowTests() => _ml.Log += (_, e) =>
    {
        if (e.Kind == ChannelMessageKind.Warning) _warnings.Add(e.RawMessage);
        if (e.Kind == ChannelMessageKind.Info && e.Source.Contains(nameof(PreferenceLoader), StringComparison.Ordinal)) _notes.Add(e.RawMessage);
    };

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("""{"prompt":"q","chosen":" ","rejected":"b"}""", "'chosen' is nothing but blanks")]
    [InlineData("""{"prompt":null,"chosen":"a","rejected":"b"}""", "'prompt' is null")]
    [InlineData("""{"prompt":"q","chosen":"a"}""", "'rejected' is missing")]
    [InlineData("""{"conversations":[{"from":"chatgpt","value":"q"}],"chosen":"a","rejected":"b"}""", "message 1 of 'conversations' has the unknown role 'chatgpt'")]
    [InlineData("""{"prompt":"q","chosen":"a","rejected":"b","context":"c"}""", "the text of 'context' would be lost")]
    [InlineData("[1]", "the record is")]
    [InlineData("not json", "not valid JSON")]
    [InlineData("""{"prompt":"q","chosen":"a""", "not valid JSON")]
    [InlineData("""{"prompt":"q","chosen":"\ud83d","rejected":"b"}""", "a text has half of a surrogate pair")]
    public void Skip_ABadLine_IsLeftOutCountedAndListed(string bad, string reason)
    {
        var data = Load(_folder.Write("1.jsonl", $"{Good}\n{bad}\n{Good}\n"));
        for (var pass = 0; pass < 2; pass++)
            Assert.Equal(2, Count(data));

        Assert.StartsWith($"1 of 3 records is left out as bad, listed in '{_folder["bad.jsonl"]}': '{_folder["1.jsonl"]}', ", Assert.Single(_warnings));
        var entry = JsonNode.Parse(Assert.Single(File.ReadAllLines(_folder["bad.jsonl"])))!;
        Assert.Equal(_folder["1.jsonl"], (string)entry["file"]!);
        Assert.Equal((2, 2), ((int)entry["record"]!, (int)entry["line"]!));
        Assert.StartsWith(reason, (string)entry["reason"]!);
        Assert.Equal("Keys that are not used, of 3 records: 'id' (2)", Assert.Single(_notes));
    }

    [Fact]
    public void Read_BlankPrompts_AreCountedAndSaid()
    {
        var data = _ml.Preferences.Load(_folder.Write("1.jsonl", Good + "\n" + """{"prompt":"","chosen":"a","rejected":"b"}""" + "\n" + """{"prompt":[{"role":"user","content":" "}],"chosen":"a","rejected":"b"}"""));
        Assert.Equal(3, Count(data));
        Assert.StartsWith($"2 of 3 records have an empty or blank prompt, first '{_folder["1.jsonl"]}', record 2, line 2: their answers answer nothing", Assert.Single(_warnings));
    }

    [Fact]
    public void Stop_TheDefault_EndsAtTheFirst() =>
        Assert.Throws<PreferenceDataException>(() => Count(_ml.Preferences.Load(_folder.Write("1.jsonl", $"{Good}\n{{}}\n{Good}"))));

    [Fact]
    public void Skip_InvalidUtf8InAQuotedCellOfSeveralLines_IsOneRow()
    {
        File.WriteAllBytes(_folder["1.csv"], [.. "prompt,chosen,rejected\nq,a,b\nq,\""u8, 0xff, .. "\nx,y,z\",c\nr,d,e\n"u8]);
        Assert.Equal(["q", "r"], Load(_folder["1.csv"]).GetColumn<string>("Prompt"));
        Assert.StartsWith("1 of 3 records is left out as bad", Assert.Single(_warnings));
    }

    [Fact]
    public void Skip_InvalidUtf8InAnArray_IsOneRecord()
    {
        File.WriteAllBytes(_folder["1.json"], [.. "["u8, .. System.Text.Encoding.UTF8.GetBytes(Good), .. ",{\"prompt\":\""u8, 0xff, .. "\"},"u8, .. System.Text.Encoding.UTF8.GetBytes(Good), .. "]"u8]);
        Assert.Equal(2, Count(Load(_folder["1.json"])));
    }

    [Theory]
    [InlineData("[" + Good + ",{\"prompt\":}," + Good + "]")]
    [InlineData(Good + " oops\n" + Good)]
    [InlineData("[" + Good)]
    public void Skip_WhereTheNextRecordCannotBeFound_Stops(string text) =>
        Assert.Throws<PreferenceDataException>(() => Count(Load(_folder.Write("1.json", text))));

    [Fact]
    public void Skip_AFileWithoutAGoodRecord_IsAnError() =>
        Assert.Equal($"'{_folder["1.jsonl"]}' has no record that can be used: all 2 are bad (record 1: no known format: it has no keys; expected 'conversations' or 'messages', 'prompt' with 'chosen' and 'rejected', 'instruction', or 'prompt' with 'responses' and 'scores', or the names of the keys in Columns)",
            Assert.Throws<PreferenceDataException>(() => Count(Load(_folder.Write("1.jsonl", "{}\n{}")))).Message);

    [Fact]
    public void Skip_AnUnfinishedPass_SaysWhatItSkippedAndTheWholeOneSaysAll()
    {
        var data = Load(_folder.Write("1.jsonl", $"{Good}\n{{}}\n{Good}\n{Good}\n{{}}"));
        Assert.Equal(2, Count(_ml.Data.TakeRows(data, 2)));
        Assert.Single(File.ReadAllLines(_folder["bad.jsonl"]));
        Assert.Equal(3, Count(data));
        Assert.Equal(3, Count(data));
        Assert.Equal(2, File.ReadAllLines(_folder["bad.jsonl"]).Length);
        Assert.Equal(2, _warnings.Count);
        Assert.StartsWith("2 of 5 records are left out as bad", _warnings[1]);
    }

    [Fact]
    public void Skip_NothingBad_LeavesAnEmptyListAndSaysNothing()
    {
        _folder.Write("bad.jsonl", "from an earlier run");
        Assert.Equal(1, Count(Load(_folder.Write("1.jsonl", Good))));
        Assert.Empty(_warnings);
        Assert.Equal("", File.ReadAllText(_folder["bad.jsonl"]));
    }

    [Fact]
    public void Options_ThatWouldLoseSomething_AreRefused()
    {
        Assert.Contains("nobody would hear of it", Assert.Throws<ArgumentException>(() => new PreferenceLoader(new PreferenceLoader.Options { OnBadRow = BadRowHandling.Skip })).Message);
        Assert.Contains("nothing would be listed", Assert.Throws<ArgumentException>(() => new PreferenceLoader(new PreferenceLoader.Options { BadRowsFile = "x" })).Message);
        Assert.StartsWith("OnBadRow is 9", Assert.Throws<ArgumentOutOfRangeException>(() => new PreferenceLoader(new PreferenceLoader.Options { OnBadRow = (BadRowHandling)9 })).Message);
        Assert.Contains("would replace the data", Assert.Throws<ArgumentException>(() => Load(_folder.Write("bad.jsonl", Good))).Message);
    }

    private IDataView Load(string path) =>
        _ml.Preferences.Load(new PreferenceLoader.Options { OnBadRow = BadRowHandling.Skip, BadRowsFile = _folder["bad.jsonl"] }, path);

    private static int Count(IDataView data)
    {
        using var cursor = data.GetRowCursor(data.Schema);
        var count = 0;
        while (cursor.MoveNext())
            count++;
        return count;
    }
}
