using MLNet.Dpo.Data;
using Xunit;

namespace MLNet.Dpo.Tests.Data.Tables;

public sealed class TableRecordReaderTests
{
    [Theory]
    [InlineData("data.csv", "prompt,chosen,rejected\nq,a,b\n")]
    [InlineData("data.CSV", "\uFEFFprompt,chosen,rejected\r\n\r\nq,a,b\r\n\r\n")]
    [InlineData("data.csv", "\"prompt\",\"chosen\",\"rejected\"\n\"q\",\"a\",\"b\"")]
    [InlineData("data.csv", "prompt;chosen;rejected\nq;a;b")]
    [InlineData("data.csv", "prompt,chosen,rejected\rq,a,b\r")]
    [InlineData("data.csv", ",prompt,chosen,rejected,system,id,score\n0,q,a,b,,x-1,3.5")]
    [InlineData("data.tsv", "prompt\tchosen\trejected\nq\ta\tb\n")]
    [InlineData("data.csv", "question,chosen_response,rejected_response\nq,a,b")]
    [InlineData("data.csv", "prompt,responses,scores\nq,\"[\"\"a\"\",\"\"b\"\"]\",\"[2, 1]\"")]
    [InlineData("data.csv", "messages,chosen,rejected\n\"[{\"\"role\"\":\"\"user\"\",\"\"content\"\":\"\"q\"\"}]\",a,b")]
    public void Read_Tables_GiveTheSameAsJson(string name, string text)
    {
        var group = Assert.Single(Read(text, name));
        Assert.Equal("q", group.Prompt);
        Assert.Equal(["a", "b"], group.Responses);
        Assert.True(group.Scores[0] > group.Scores[1]);
    }

    [Fact]
    public void Read_QuotedCells_KeepLinesQuotesAndDelimiters()
    {
        var groups = Read("prompt,chosen,rejected\n\"one\r\ntwo, \"\"three\"\"\",5\" disk,b\nü€😀,\" a \",b");
        Assert.Equal(["one\r\ntwo, \"three\"", "ü€😀"], groups.Select(group => group.Prompt));
        Assert.Equal(["5\" disk", " a "], groups.Select(group => group.Responses[0]));
        Assert.Equal("'data.csv', record 2, line 4", groups[1].SourceRecord);
    }

    [Theory]
    [InlineData("prompt,chosen,rejected\nq,a,b\nq,a\n", "line 3: the row has 2 cells and the header 3; expected as many")]
    [InlineData("prompt,chosen,rejected\n\"q\"x,a,b", "line 2, column 4: text follows a closing quote; expected a comma")]
    [InlineData("prompt,chosen,rejected\nq,a,\"b\nq,a,b\n", "line 2, column 5: the quote that opens here is never closed")]
    [InlineData("prompt,chosen,rejected\nq,,b", "line 2: 'chosen' is missing")]
    [InlineData("prompt,chosen,chosen\nq,a,b", "has a header that names 'chosen' twice")]
    [InlineData("prompt,chosen,rejected\n", "has no records")]
    [InlineData("", "has no records")]
    [InlineData("PAR1", "is a Parquet file; read it with ml.Preferences.LoadParquet of the package MLNet.Dpo.Parquet")]
    [InlineData("prompt,responses,scores\nq,\"['a', 'b']\",\"[2, 1]\"", "line 2: 'responses' is a text; expected a list with at least one item, in a table as JSON")]
    public void Read_BadTable_SaysWhereAndWhat(string text, string message) => Assert.Contains(message, Assert.Throws<PreferenceDataException>(() => Read(text)).Message);

    [Fact]
    public void Read_InvalidUtf8_IsRefused()
    {
        var file = new PreferenceFile("data.csv", () => new MemoryStream([.. "prompt,chosen,rejected\nq,"u8, 0xff, .. ",b"u8]));
        Assert.Contains("line 2, column 3: the cell is not valid UTF-8", Assert.Throws<PreferenceDataException>(() => new PreferenceReader(PreferenceFormat.Auto, false).Read([file]).ToList()).Message);
    }

    [Theory]
    [InlineData("q,a")]
    [InlineData("\"q\"x,a,b")]
    [InlineData("q,,b")]
    public void Skip_ABadRow_GoesOn(string bad) =>
        Assert.Equal(["1", "2"], new PreferenceReader(PreferenceFormat.Auto, false) { OnBadRow = BadRowHandling.Skip }
            .Read([Texts.File($"prompt,chosen,rejected\n1,a,b\n{bad}\n2,a,b", "data.csv")]).Select(group => group.Prompt));

    [Fact]
    public void Skip_AQuoteThatIsNeverClosed_Stops() => Assert.Throws<PreferenceDataException>(() =>
        new PreferenceReader(PreferenceFormat.Auto, false) { OnBadRow = BadRowHandling.Skip }.Read([Texts.File("prompt,chosen,rejected\n1,a,b\n\"q,a,b\n2,a,b", "data.csv")]).ToList());

    [Fact]
    public void Read_ALongRow_GrowsWithIt()
    {
        var text = new string('x', 300_000);
        Assert.Equal(text, Assert.Single(Read($"prompt,chosen,rejected\n{text},a,b")).Prompt);
        Assert.Equal(100_000, Assert.Single(Read($"prompt,chosen,rejected\n{new string('é', 100_000)},a,b")).Prompt.Length);
    }

    private static PreferenceGroup[] Read(string text, string name = "data.csv") => [.. new PreferenceReader(PreferenceFormat.Auto, false).Read([Texts.File(text, name)])];
}
