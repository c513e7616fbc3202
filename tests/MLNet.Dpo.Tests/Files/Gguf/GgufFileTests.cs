using MLNet.Dpo.Files.Gguf;
using Xunit;

namespace MLNet.Dpo.Tests.Files.Gguf;

public sealed class GgufFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Open_WrittenFile_GivesTheSameValuesAndTensors()
    {
        var path = _folder["a.gguf"];
        List<KeyValuePair<string, object>> values =
        [
            new("text", "a\né😀"), new("number", 7u), new("signed", -3), new("single", 1e-5f), new("flag", true), new("texts", new[] { "a", "" }), new("numbers", new[] { 1, -2 }), new("singles", new[] { 0.5f }), new("none", Array.Empty<string>()),
        ];
        GgufWriter.Write(path, values, [Source("w", GgufType.F32, [2, 3], 24), Source("q", GgufType.Q8_0, [2, 32], 68), Source("h", GgufType.F16, [5], 10)]);

        using var file = GgufFile.Open(path);

        Assert.Equal(values.Select(value => value.Key), file.Metadata.Values.Keys);
        foreach (var (key, value) in values) Assert.Equal(value, file.Metadata.Values[key]);
        Assert.Equal(1e-5, file.Metadata.Number("single"));
        Assert.Equal(["w F32 [2, 3]", "q Q8_0 [2, 32]", "h F16 [5]"], file.Tensors.Select(tensor => tensor.ToString()));
        Assert.All(file.Tensors, tensor => Assert.Equal(0, tensor.Offset % 32));
        foreach (var tensor in file.Tensors)
        {
            var bytes = new byte[tensor.ByteLength];
            file.CopyTo(tensor, 0, bytes);
            Assert.Equal(Bytes(bytes.Length), bytes);
        }
    }

    [Theory]
    [InlineData("no file at all", "does not begin with GGUF")]
    [InlineData("GGUF", "ends within the version")]
    public void Open_NoGguf_SaysSo(string content, string expected) => Refused(_folder.Write("a.gguf", content), expected);

    [Fact]
    public void Open_CountsThatNothingFills_AreRefusedAtNoCost()
    {
        foreach (var (at, expected) in new[] { (8, "tensors"), (16, "key-value pairs"), (24, "bytes of a key") })
        {
            var bytes = Small();
            BitConverter.GetBytes(long.MaxValue / 2).CopyTo(bytes, at);
            var path = _folder["a.gguf"];
            File.WriteAllBytes(path, bytes);
            var before = GC.GetAllocatedBytesForCurrentThread();
            Refused(path, expected);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 << 20);
        }
    }

    [Fact]
    public void Open_TensorBeyondTheEnd_IsRefused()
    {
        var path = _folder["a.gguf"];
        File.WriteAllBytes(path, Small()[..^32]);
        Refused(path, "truncated");
    }

    [Fact]
    public void Open_OtherVersionsAndByteOrders_AreNamed()
    {
        foreach (var (version, expected) in new[] { (1u, "version 1"), (0x03000000u, "big-endian") })
        {
            var bytes = Small();
            BitConverter.GetBytes(version).CopyTo(bytes, 4);
            var path = _folder["a.gguf"];
            File.WriteAllBytes(path, bytes);
            Refused(path, expected);
        }
    }

    [Fact]
    public void Write_Throws_KeepsTheOldFile()
    {
        var path = _folder.Write("a.gguf", "old");
        Assert.Throws<InvalidOperationException>(() => GgufWriter.Write(path, [], [Source("w", GgufType.F32, [2, 3], 20)]));
        Assert.Equal("old", File.ReadAllText(path));
    }

    private static byte[] Small()
    {
        using var stream = new MemoryStream();
        GgufWriter.Write(stream, [new("key", "value")], [Source("w", GgufType.F32, [2, 3], 24)]);
        return stream.ToArray();
    }

    private static void Refused(string path, string expected)
    {
        var error = Assert.Throws<InvalidDataException>(() => GgufFile.Open(path).Dispose());
        Assert.Contains(path, error.Message);
        Assert.Contains(expected, error.Message);
        Assert.DoesNotContain('\n', error.Message);
    }

    private static GgufSource Source(string name, GgufType type, long[] shape, int bytes) => new(name, type, shape, stream => stream.Write(Bytes(bytes)));

    private static byte[] Bytes(int count) => [.. Enumerable.Range(0, count).Select(i => (byte)(i * 3))];
}
