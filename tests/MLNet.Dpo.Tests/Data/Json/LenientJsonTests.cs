using System.Text;
using MLNet.Dpo.Data.Json;
using Xunit;

namespace MLNet.Dpo.Tests.Data.Json;

/// <summary>JSON as people write it by hand.</summary>
public class LenientJsonTests
{
    [Theory]
    [InlineData("""{"a": 1}""", """{"a":1}""")]
    [InlineData("{\"a\": \"one\ntwo\tthree\r\nfour\rfive\"}", """{"a":"one\ntwo\tthree\nfour\nfive"}""")]
    [InlineData("{\"a\": 1 # a comment, with \"quotes\" and {brackets}\n \"b\": [1 2 \"x\" {\"c\": null} true]}", """{"a":1,"b":[1,2,"x",{"c":null},true]}""")]
    [InlineData("# first\n[# none\n]", "[]")]
    [InlineData("""{"a": "# no comment, \" neither \\" "b": -1.5e3}""", """{"a":"# no comment, \" neither \\","b":-1.5e3}""")]
    public void Read_HandWrittenValue_IsStrictJson(string source, string expected)
    {
        var value = LenientJson.Read(Encoding.UTF8.GetBytes(source + "  {}"), atEnd: true)!;
        Assert.Null(value.Fault);
        Assert.Equal(expected, Encoding.UTF8.GetString(value.Strict.Span));
        Assert.Equal(source.Length, value.Length);
    }

    [Fact]
    public void Read_HandWrittenValue_CountsWhatItMadeStrict()
    {
        var value = LenientJson.Read("[1 2 # x\n# y\n\"a\nb\"]"u8, atEnd: true)!;
        Assert.Equal(new LenientCounts(MissingCommas: 2, Comments: 2, LineBreaks: 1), value.Counts);
    }

    [Theory]
    [InlineData("""{"a": 1 {"b": 2}}""", 8, "is a '}' missing before it?")]
    [InlineData("""{"a" 1}""", 5, "':' after a key")]
    [InlineData("""{1: 2}""", 1, "a key in quotes")]
    [InlineData("""[1,]""", 3, "a value")]
    [InlineData("""[1}""", 2, "',' or the end")]
    [InlineData("""{"a": "b""", 6, "not closed")]
    [InlineData("""{"a": 1""", 7, "truncated")]
    public void Read_BrokenValue_SaysWhereAndTheLikelyFix(string source, int at, string expected)
    {
        var value = LenientJson.Read(Encoding.UTF8.GetBytes(source), atEnd: true)!;
        Assert.Equal(at, value.Length);
        Assert.Contains(expected, value.Fault!, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_PartOfAValue_NeedsMore()
    {
        var whole = Encoding.UTF8.GetBytes("{\"a\": \"x\\ny\r\nz\", \"b\": [12 3] # c\n}");
        for (var length = 0; length < whole.Length; length++)
            Assert.Null(LenientJson.Read(whole.AsSpan(0, length), atEnd: false));
        Assert.NotNull(LenientJson.Read(whole, atEnd: false));
    }
}
