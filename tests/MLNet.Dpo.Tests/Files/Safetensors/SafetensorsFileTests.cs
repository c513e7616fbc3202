using System.Text;
using MLNet.Dpo.Files.Safetensors;
using Xunit;

namespace MLNet.Dpo.Tests.Files.Safetensors;

public sealed class SafetensorsFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Open_WrittenFile_GivesTheSameTensors()
    {
        var path = _folder["a.safetensors"];
        SafetensorsWriter.Write(path, [
            SafetensorsSource.FromBytes("weight", SafetensorsDType.F32, [2, 3], Bytes(24)),
            SafetensorsSource.FromBytes("scalar", SafetensorsDType.I64, [], Bytes(8)),
            SafetensorsSource.FromBytes("empty", SafetensorsDType.F32, [0, 5], Bytes(0)),
            SafetensorsSource.FromBytes("mask", SafetensorsDType.BOOL, [3], Bytes(3))]);

        using var file = SafetensorsFile.Open(path);

        Assert.Equal(["scalar", "empty", "weight", "mask"], file.Tensors.Select(entry => entry.Name));
        Assert.Equal("pt", file.Metadata["format"]);
        Assert.True(file.TryGet("weight", out var weight));
        Assert.Equal("weight F32 [2, 3]", weight.ToString());
        Assert.Equal(6, weight.ElementCount);
        Assert.Equal(Bytes(24), file.Bytes(weight).ToArray());
        Assert.False(file.TryGet("missing", out _));
    }

    [Fact]
    public void CopyTo_Piece_IsThatPiece()
    {
        var path = _folder["a.safetensors"];
        SafetensorsWriter.Write(path, [SafetensorsSource.FromBytes("w", SafetensorsDType.U8, [100], Bytes(100))]);
        using var file = SafetensorsFile.Open(path);
        var entry = file.Tensors[0];
        var piece = new byte[10];

        file.CopyTo(entry, 85, piece);

        Assert.Equal(Bytes(100)[85..95], piece);
        Assert.Throws<ArgumentOutOfRangeException>(() => file.CopyTo(entry, 91, piece));
        Assert.Throws<ArgumentOutOfRangeException>(() => file.CopyTo(entry, -1, piece));
    }

    [Fact]
    public void Bytes_AfterDisposeOrOfAnotherFile_Throws()
    {
        var path = _folder["a.safetensors"];
        SafetensorsWriter.Write(path, [SafetensorsSource.FromBytes("w", SafetensorsDType.U8, [1], Bytes(1))]);
        using var other = SafetensorsFile.Open(path);
        var file = SafetensorsFile.Open(path);
        var entry = file.Tensors[0];

        Assert.Throws<ArgumentException>(() => other.Bytes(entry));
        file.Dispose();
        file.Dispose();

        Assert.Throws<ObjectDisposedException>(() => file.Bytes(entry));
    }

    [Fact]
    public void Open_FileReplacedWhileOpen_KeepsTheOldBytes()
    {
        var path = _folder["a.safetensors"];
        SafetensorsWriter.Write(path, [SafetensorsSource.FromBytes("w", SafetensorsDType.U8, [3], new byte[] { 1, 2, 3 })]);
        using var file = SafetensorsFile.Open(path);

        SafetensorsWriter.Write(path, file.Tensors.Select(entry => SafetensorsSource.FromBytes(entry.Name, entry.DType, entry.Shape, new byte[] { 7, 8, 9 })));

        Assert.Equal([1, 2, 3], file.Bytes(file.Tensors[0]).ToArray());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(30)]
    [InlineData(120)]
    public void CopyTo_FileShortenedOrRewrittenWhileOpen_Throws(int length)
    {
        var path = _folder["a.safetensors"];
        SafetensorsWriter.Write(path, [SafetensorsSource.FromBytes("w", SafetensorsDType.U8, [48], Bytes(48))]);
        using var file = SafetensorsFile.Open(path);

        using (var writer = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            writer.SetLength(length);
            writer.Write(new byte[8]);
        }
        File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddSeconds(5));

        var e = Assert.Throws<InvalidDataException>(() => file.Bytes(file.Tensors[0]));
        Assert.Contains("while it was read", e.Message);
        Assert.Contains(path, e.Message);
    }

    [Fact]
    public void Open_EveryDType_IsKnown()
    {
        foreach (var dtype in Enum.GetValues<SafetensorsDType>())
        {
            var path = Raw("""{"t":{"dtype":"DTYPE","shape":[8],"data_offsets":[0,LENGTH]}}"""
                .Replace("DTYPE", dtype.ToString()).Replace("LENGTH", $"{dtype.BitSize()}"), dtype.BitSize());
            using var file = SafetensorsFile.Open(path);
            Assert.Equal(dtype, file.Tensors[0].DType);
        }
    }

    [Fact]
    public void Open_MissingFile_SaysSo()
    {
        var e = Assert.Throws<FileNotFoundException>(() => SafetensorsFile.Open(_folder["none.safetensors"]));
        Assert.Contains("none.safetensors' does not exist; expected a safetensors file", e.Message);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    public void Open_ShorterThanItsLengthField_IsRefused(int length)
    {
        File.WriteAllBytes(_folder["short"], new byte[length]);
        AssertRefused(_folder["short"], $"it has {length} bytes, a header length alone takes 8");
    }

    [Fact]
    public void Open_HeaderLengthThatLies_IsRefused()
    {
        File.WriteAllBytes(_folder["absurd"], [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, .. "{}"u8]);
        AssertRefused(_folder["absurd"], "it gives its header 18446744073709551615 bytes, more than the 100000000 that the format allows");
        File.WriteAllBytes(_folder["beyond"], [3, 0, 0, 0, 0, 0, 0, 0, .. "{}"u8]);
        AssertRefused(_folder["beyond"], "it gives its header 3 bytes, only 2 follow (truncated?)");
    }

    [Theory]
    [InlineData("", 0, "the header is not valid JSON")]
    [InlineData("[]", 0, "the header is not a JSON object")]
    [InlineData("{\"a\":", 0, "the header is not valid JSON")]
    [InlineData("{} x", 0, "the header is not valid JSON")]
    [InlineData("{\"a\":1}", 0, "tensor 'a' is not described by an object")]
    [InlineData("{\"a\":{}}", 0, "tensor 'a' lacks 'dtype'")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,0]}}", 0, "tensor 'a' lacks 'shape'")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[]}}", 0, "tensor 'a' lacks 'data_offsets'")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]}}", 4, "tensor 'a' has 'dtype' twice")]
    [InlineData("{\"a\":{\"dtype\":7,\"shape\":[],\"data_offsets\":[0,4]}}", 4, "tensor 'a' has a dtype that is not a string")]
    [InlineData("{\"a\":{\"dtype\":\"17\",\"shape\":[],\"data_offsets\":[0,4]}}", 4, "tensor 'a' has the unknown dtype '17'; known are BOOL, F4,")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":3,\"data_offsets\":[0,4]}}", 4, "tensor 'a' has a shape that is not an array")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}", 4, "tensor 'a' has a shape with something else than whole numbers")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1.5],\"data_offsets\":[0,4]}}", 4, "tensor 'a' has a shape with something else than whole numbers")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[9223372036854775807,9],\"data_offsets\":[0,4]}}", 4, "tensor 'a': the shape [9223372036854775807, 9] of F32 needs more than 2^63 bytes")]
    [InlineData("{\"a\":{\"dtype\":\"F4\",\"shape\":[3],\"data_offsets\":[0,2]}}", 2, "tensor 'a': the shape [3] of F4 does not fill whole bytes")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0]}}", 4, "tensor 'a' has data_offsets [0], expected [begin, end] with begin <= end")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,0]}}", 4, "tensor 'a' has data_offsets [4, 0], expected [begin, end] with begin <= end")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[9223372036854775803,9223372036854775807]}}", 4, "tensor 'a' has data_offsets")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,-4]}}", 4, "tensor 'a' has a data_offsets with something else than whole numbers")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}", 4, "tensor 'a' spans 4 bytes, but F32 of shape [2] takes 8")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", 7, "the data is truncated: tensor 'a' ends at byte")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", 9, "the last 1 bytes belong to no tensor")]
    [InlineData("{}", 1, "the last 1 bytes belong to no tensor")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}", 8, "bytes 0 to 4 of the data belong to no tensor (a hole before 'a')")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]},\"b\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[3,7]}}", 7, "tensor 'b' overlaps the one before it (it begins at byte 3 of the data, expected 4)")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[1,2]}}", 2, "the header names 'a' twice")]
    [InlineData("{\"__metadata__\":3}", 0, "the header's __metadata__ is not an object of strings")]
    [InlineData("{\"__metadata__\":{\"a\":3}}", 0, "the header's __metadata__ value of 'a' is not a string")]
    [InlineData("{\"__metadata__\":{\"a\":\"1\",\"a\":\"2\"}}", 0, "the header's __metadata__ names 'a' twice")]
    [InlineData("{\"\\ud800\":{}}", 0, "the header has a string that is not valid Unicode")]
    public void Open_BrokenHeader_IsRefused(string header, int dataLength, string reason) => AssertRefused(Raw(header, dataLength), reason);

    [Fact]
    public void Open_HeaderThatIsNotUtf8_IsRefused()
    {
        File.WriteAllBytes(_folder["latin"], [4, 0, 0, 0, 0, 0, 0, 0, (byte)'{', 0xe9, (byte)'}', (byte)' ']);
        AssertRefused(_folder["latin"], "the header is not valid UTF-8");
    }

    [Fact]
    public void Open_HeaderWithUnknownFieldsAndPadding_IsRead()
    {
        var path = Raw("""{ "a" : {"extra":[{}],"dtype":"U8","shape":[1],"data_offsets":[0,1]} }          """, 1);
        using var file = SafetensorsFile.Open(path);
        Assert.Empty(file.Metadata);
        Assert.Single(file.Tensors);
    }

    [Fact]
    public void Open_RandomDamage_IsRefusedOrReadsInsideTheFile()
    {
        var path = _folder["whole"];
        SafetensorsWriter.Write(path, Enumerable.Range(0, 6).Select(i => SafetensorsSource.FromBytes(
            $"layers.{i}.weight", i % 2 == 0 ? SafetensorsDType.F16 : SafetensorsDType.I32, [i, 4], Bytes(i * 4 * (i % 2 == 0 ? 2 : 4)))));
        var whole = File.ReadAllBytes(path);
        var random = new Random(1);
        var refused = 0;

        for (var round = 0; round < 1500; round++)
        {
            var damaged = whole.ToArray();
            for (var i = random.Next(4); i >= 0; i--)
                damaged[random.Next(random.Next(2) == 0 ? 16 : damaged.Length)] = (byte)random.Next(256);
            if (random.Next(3) == 0)
                damaged = damaged[..random.Next(damaged.Length + 1)];
            File.WriteAllBytes(path, damaged);
            refused += ReadAll(path) ? 0 : 1;
        }

        Assert.InRange(refused, 1, 1499);
    }

    private static bool ReadAll(string path)
    {
        try
        {
            using var file = SafetensorsFile.Open(path);
            foreach (var entry in file.Tensors)
                Assert.Equal(entry.ByteLength, file.Bytes(entry).ToArray().Length);
            return true;
        }
        catch (InvalidDataException e)
        {
            Assert.DoesNotContain('\n', e.Message);
            return false;
        }
    }

    private string Raw(string header, int dataLength)
    {
        var json = Encoding.UTF8.GetBytes(header);
        File.WriteAllBytes(_folder["raw"], [.. BitConverter.GetBytes((long)json.Length), .. json, .. Bytes(dataLength)]);
        return _folder["raw"];
    }

    private static void AssertRefused(string path, string reason)
    {
        var e = Assert.Throws<InvalidDataException>(() => SafetensorsFile.Open(path));
        Assert.StartsWith($"'{path}' is not a valid safetensors file: {reason}", e.Message);
        Assert.DoesNotContain('\n', e.Message);
    }

    private static byte[] Bytes(int count) => [.. Enumerable.Range(1, count).Select(i => (byte)(i * 37))];
}
