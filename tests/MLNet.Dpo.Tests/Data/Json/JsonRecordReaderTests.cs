using System.Text;
using MLNet.Dpo.Data.Json;
using Xunit;

namespace MLNet.Dpo.Tests.Data.Json;

public sealed class JsonRecordReaderTests
{
    [Theory]
    [InlineData("[1,2,3]", "1 2 3")]
    [InlineData(" [ {} , [ ] ] ", "{} [ ]")]
    [InlineData("[]", "")]
    [InlineData("", "")]
    [InlineData(" \r\n\t", "")]
    [InlineData("{\"a\":1}\n{\"a\":2}\n", "{\"a\":1} {\"a\":2}")]
    [InlineData("{\"a\":1}\r\n\r\n{\"a\":2}", "{\"a\":1} {\"a\":2}")]
    [InlineData("{\"a\":1}{\"a\":2}", "{\"a\":1} {\"a\":2}")]
    [InlineData("{\n \"a\": 1\n}{\n \"b\":\"}{\"\n}", "{\n \"a\": 1\n} {\n \"b\":\"}{\"\n}")]
    [InlineData("[{}][{}]{}", "{} {} {}")]
    [InlineData("1 2\n3", "1 2 3")]
    [InlineData("\uFEFF{\"a\":1}", "{\"a\":1}")]
    [InlineData("{\"a\":1,\"a\":2}", "{\"a\":1,\"a\":2}")]
    public void TryRead_Values_GivesEachInOrder(string text, string expected)
    {
        Assert.Equal(expected, string.Join(' ', Read(Encoding.UTF8.GetBytes(text), int.MaxValue)));
        Assert.Equal(expected, string.Join(' ', Read(Encoding.UTF8.GetBytes(text), 1)));
    }

    [Theory]
    [InlineData("{\"a\":1}\n{\"a\": x }\n", 2, 7, "not valid JSON: 'x' is an invalid start of a value")]
    [InlineData("{\"你好😀\": x}", 1, 9, "not valid JSON: 'x' is an invalid start of a value")]
    [InlineData("[{\"a\":1},]", 1, 10, "a comma before ']' is not valid JSON; remove it")]
    [InlineData("[{\"a\":1},\n{\"a\":2}", 2, 8, "the file ends inside an array (truncated?); expected ']' at its end")]
    [InlineData("{\"a\":1},{\"a\":2}", 1, 8, "',' stands where a record should begin; expected '{'")]
    [InlineData("{\"a\":1}]", 1, 8, "not valid JSON: ']' is an invalid start of a value")]
    [InlineData("[,]", 1, 2, "',' stands where a record should begin; expected '{'")]
    [InlineData("prompt,chosen,rejected\n", 1, 1, "not valid JSON: 'p' is an invalid start of a value")]
    [InlineData("{\"a\": [1, 2,]}", 1, 13, "not valid JSON: The JSON array contains a trailing comma at the end which is not supported in this mode")]
    [InlineData("// note\n{}", 1, 1, "not valid JSON: '/' is an invalid start of a value")]
    public void TryRead_Malformed_SaysLineAndColumn(string text, int line, int column, string message)
    {
        foreach (var step in new[] { int.MaxValue, 1 })
        {
            var e = Assert.Throws<PreferenceDataException>(() => Read(Encoding.UTF8.GetBytes(text), step));
            Assert.Equal($"'f.json', line {line}, column {column}: {message}", e.Message);
            Assert.Equal((line, column), (e.Line, e.Column));
        }
    }

    [Fact]
    public void TryRead_EndsInsideARecord_SaysSo()
    {
        var e = Assert.Throws<PreferenceDataException>(() => Read("{\"a\":1}\n{\"a\": {\n\"b\""u8.ToArray(), int.MaxValue));
        Assert.StartsWith("'f.json', line 3, column 4: not valid JSON: Expected ", e.Message);
    }

    [Fact]
    public void TryRead_NotUtf8_SaysWhere()
    {
        var e = Assert.Throws<PreferenceDataException>(() => Read([.. "{}\n{\"a\":\"caf"u8, 0xe9, .. "\"}"u8], int.MaxValue));
        Assert.Equal("'f.json', line 2, column 10: the byte 0xE9 is not valid UTF-8; save the file as UTF-8", e.Message);
        Assert.Equal("'f.json' is UTF-16 text; save it as UTF-8", Assert.Throws<PreferenceDataException>(() => Read(Encoding.Unicode.GetPreamble(), 1)).Message);
        Assert.Equal("'f.json' is a Parquet file; read it with ml.Preferences.LoadParquet of the package MLNet.Dpo.Parquet, or export it as JSONL", Assert.Throws<PreferenceDataException>(() => Read("PAR1xx"u8.ToArray(), 1)).Message);
    }

    [Fact]
    public void TryRead_LongRecords_AreReadWhole()
    {
        var text = new StringBuilder();
        for (var length = 1; length < 3_000_000; length = length * 3 + 1)
            text.Append($"{{\"n\":{length},\"t\":\"{new string('é', length)}\"}}\n");

        using var reader = new JsonRecordReader(new SteppedStream(Encoding.UTF8.GetBytes(text.ToString()), 50_000), "f.json");

        var count = 0;
        while (reader.TryRead(out var record))
        {
            using (record)
                Assert.Equal(record.Root.GetProperty("n").GetInt32(), record.Root.GetProperty("t").GetString()!.Length);
            count++;
        }
        Assert.Equal(14, count);
    }

    [Fact]
    public void TryRead_RandomDamage_IsReadOrRefusedWithAPosition()
    {
        var whole = Encoding.UTF8.GetBytes("[{\"a\":\"é😀\",\"b\":[1,2.5e3,null]},\n {\"c\":{\"d\":true}}]\n{\"e\":\"\\u00e9\"}");
        var random = new Random(1);
        var refused = 0;
        for (var round = 0; round < 5000; round++)
        {
            var damaged = whole.ToArray();
            for (var i = random.Next(3); i >= 0; i--)
                damaged[random.Next(damaged.Length)] = random.Next(2) == 0 ? (byte)random.Next(256) : whole[random.Next(whole.Length)];
            try
            {
                Read(damaged[..random.Next(damaged.Length + 1)], 1 + random.Next(40));
            }
            catch (PreferenceDataException e)
            {
                Assert.True(e.Line is null or >= 1 and <= 10, e.Message);
                Assert.DoesNotContain('\n', e.Message);
                refused++;
            }
        }
        Assert.InRange(refused, 1, 4999);
    }

    private static List<string> Read(byte[] bytes, int step)
    {
        using var reader = new JsonRecordReader(new SteppedStream(bytes, step), "f.json");
        var values = new List<string>();
        while (reader.TryRead(out var record))
        {
            values.Add(record.Root.GetRawText());
            record.Dispose();
        }
        return values;
    }

    /// <summary>Gives at most so many bytes at a time, as pipes and sockets do.</summary>
    private sealed class SteppedStream(byte[] bytes, int step) : MemoryStream(bytes)
    {
        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, step)]);
    }
}
