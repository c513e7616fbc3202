using System.IO.Compression;
using System.Text;
using MLNet.Dpo.Data;
using Xunit;

namespace MLNet.Dpo.Tests.Data;

public sealed class PreferenceReaderTests
{
    private const string Pair = """{"prompt":"q","chosen":"a","rejected":"b"}""";

    [Theory]
    [InlineData("", "has no records; expected at least one")]
    [InlineData("[]", "has no records; expected at least one")]
    [InlineData("[[]]", "record 1, line 1: the record is an empty list; expected an object")]
    [InlineData("{}", "record 1, line 1: no known format: it has no keys; expected 'conversations' or 'messages', 'prompt' with 'chosen' and 'rejected', 'instruction', or 'prompt' with 'responses' and 'scores', or the names of the keys in Columns")]
    [InlineData("""{"text":"x","id":1}""", "record 1, line 1: no known format: it has the keys 'text', 'id'; expected 'conversations' or 'messages', 'prompt' with 'chosen' and 'rejected', 'instruction', or 'prompt' with 'responses' and 'scores', or the names of the keys in Columns")]
    [InlineData(Pair + "\n\n" + Pair + "\n{\"prompt\":\"q\",\n\"chosen\":\"a\"}", "record 3, line 4: 'rejected' is missing; expected both 'chosen' and 'rejected': add it or remove the record")]
    public void Read_BadFile_SaysWhatIsWrong(string text, string message) => Assert.Equal(message, Texts.Error(text));

    [Fact]
    public void Read_ExplicitFormat_HoldsRecordsToIt()
    {
        Assert.Single(Texts.ReadAll(Pair, PreferenceFormat.Trl));
        Assert.Equal("record 1, line 1: 'conversations' is missing; expected a list of messages", Texts.Error(Pair, PreferenceFormat.ShareGpt));
        Assert.Equal("record 1, line 1: 'instruction' is missing; expected a text", Texts.Error(Pair, PreferenceFormat.Alpaca));
        Assert.Equal("record 1, line 1: 'responses' is missing; expected a list with at least one item", Texts.Error(Pair, PreferenceFormat.Groups));
    }

    [Fact]
    public void Read_SeveralFilesAndFormats_KeepsTheOrder()
    {
        var groups = new PreferenceReader(PreferenceFormat.Auto, false).Read([
            Texts.File(Pair.Replace("q", "1") + Pair.Replace("q", "2")),
            Texts.File("""[{"messages":[{"role":"user","content":"3"},{"role":"assistant","chosen":"a","rejected":"b"}]}]""")]);
        Assert.Equal(["1", "2", "3"], groups.Select(group => group.Prompt));
    }

    [Fact]
    public void Read_ErrorInALaterFile_NamesIt()
    {
        var e = Assert.Throws<PreferenceDataException>(() => new PreferenceReader(PreferenceFormat.Auto, false).Read([Texts.File(Pair), Texts.File("{", "b.json")]).ToList());
        Assert.StartsWith("'b.json', line 1, column 2: not valid JSON", e.Message);
    }

    [Fact]
    public void Read_EndlessStream_IsReadOnlyAsFarAsAsked()
    {
        var stream = new EndlessStream(Encoding.UTF8.GetBytes(Pair + "\n"));

        var groups = new PreferenceReader(PreferenceFormat.Auto, false).Read([new PreferenceFile("endless", () => stream)]).Take(1000).ToList();

        Assert.Equal(1000, groups.Count);
        Assert.InRange(stream.BytesRead, 1000 * Pair.Length, 1000 * Pair.Length + 200_000);
        Assert.True(stream.IsDisposed);
    }

    [Fact]
    public void Read_GZip_IsUnpacked()
    {
        using var folder = new TemporaryFolder();
        using (var file = new GZipStream(File.Create(folder["pairs.gz"]), CompressionLevel.Fastest))
            file.Write(Encoding.UTF8.GetBytes(Pair));
        Assert.Single(new PreferenceReader(PreferenceFormat.Auto, false).Read([PreferenceFile.At(folder["pairs.gz"])]));

        File.WriteAllBytes(folder["bad.gz"], [0x1f, 0x8b, 1, 2, 3]);
        var e = Assert.Throws<PreferenceDataException>(() => new PreferenceReader(PreferenceFormat.Auto, false).Read([PreferenceFile.At(folder["bad.gz"])]).ToList());
        Assert.StartsWith($"'{folder["bad.gz"]}' cannot be read: ", e.Message);
    }

    [Fact]
    public void Read_MissingFileOrFolder_SaysSo()
    {
        using var folder = new TemporaryFolder();
        var missing = Assert.Throws<PreferenceDataException>(() => new PreferenceReader(PreferenceFormat.Auto, false).Read([PreferenceFile.At(folder["none.json"])]).ToList());
        Assert.Equal($"'{folder["none.json"]}' does not exist; expected a file of preference data", missing.Message);
        var isFolder = Assert.Throws<PreferenceDataException>(() => new PreferenceReader(PreferenceFormat.Auto, false).Read([PreferenceFile.At(folder.Path)]).ToList());
        Assert.Equal($"'{folder.Path}' is a folder; expected a file of preference data", isFolder.Message);
    }

    [SharedDataFact("data")]
    public void Read_PublicDemoSets_AreRead()
    {
        foreach (var (name, count, responses) in new[] { ("dpo_en_demo.json", 300, 2), ("dpo_zh_demo.json", 300, 2), ("alpaca_en_demo.json", 999, 1), ("alpaca_zh_demo.json", 1000, 1), ("identity.json", 91, 1) })
        {
            var groups = new PreferenceReader(PreferenceFormat.Auto, false).Read([PreferenceFile.At(SharedData.PathTo($"data/{name}"))]).ToList();
            Assert.Equal(count, groups.Count);
            Assert.All(groups, group => Assert.Equal(responses, group.ResponseCount));
        }
        var kto = Assert.Throws<PreferenceDataException>(() => new PreferenceReader(PreferenceFormat.Auto, false).Read([PreferenceFile.At(SharedData.PathTo("data/kto_en_demo.json"))]).ToList());
        Assert.Contains("record 1, line 2: this is KTO data", kto.Message);
    }

    private sealed class EndlessStream(byte[] record) : Stream
    {
        public long BytesRead { get; private set; }
        public bool IsDisposed { get; private set; }
        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(Span<byte> buffer)
        {
            for (var i = 0; i < buffer.Length; i++)
                buffer[i] = record[(BytesRead + i) % record.Length];
            BytesRead += buffer.Length;
            return buffer.Length;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));
        public override void Flush() => throw new NotSupportedException();
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
        protected override void Dispose(bool disposing) => IsDisposed = true;
    }
}
