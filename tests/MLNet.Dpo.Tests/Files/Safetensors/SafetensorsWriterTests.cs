using System.Text;
using MLNet.Dpo.Files.Safetensors;
using Xunit;

namespace MLNet.Dpo.Tests.Files.Safetensors;

public sealed class SafetensorsWriterTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Write_Stream_IsTheReferenceLibrarysLayout()
    {
        using var stream = new MemoryStream();

        SafetensorsWriter.Write(stream, [
            SafetensorsSource.FromBytes("b", SafetensorsDType.BF16, [1], new byte[] { 1, 2 }),
            SafetensorsSource.FromBytes("z", SafetensorsDType.F32, [1], new byte[] { 3, 4, 5, 6 }),
            SafetensorsSource.FromBytes("a", SafetensorsDType.F32, [1], new byte[] { 7, 8, 9, 10 })]);

        var bytes = stream.ToArray();
        var length = (int)BitConverter.ToInt64(bytes);
        Assert.Equal(0, length % 8);
        Assert.Equal(
            """{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"z":{"dtype":"F32","shape":[1],"data_offsets":[4,8]},"b":{"dtype":"BF16","shape":[1],"data_offsets":[8,10]}}""",
            Encoding.UTF8.GetString(bytes, 8, length).TrimEnd(' '));
        Assert.Equal([7, 8, 9, 10, 3, 4, 5, 6, 1, 2], bytes[(8 + length)..]);
    }

    [Fact]
    public void Write_EmptyMetadata_LeavesItOut()
    {
        using var stream = new MemoryStream();
        SafetensorsWriter.Write(stream, [], new Dictionary<string, string>());
        Assert.Equal([8, 0, 0, 0, 0, 0, 0, 0, .. "{}      "u8], stream.ToArray());
    }

    [Fact]
    public void Write_CopyOfAFile_IsTheSameFile()
    {
        var tensors = Enumerable.Range(0, 20).Select(i => SafetensorsSource.FromBytes($"w{i}", (SafetensorsDType)(4 + i % 9), [1, 1 << (i % 5), 2], new byte[(2 << (i % 5)) * ((SafetensorsDType)(4 + i % 9)).BitSize() / 8]));
        SafetensorsWriter.Write(_folder["first"], tensors, new Dictionary<string, string> { ["note"] = "你好", ["format"] = "pt" });
        using var file = SafetensorsFile.Open(_folder["first"]);

        SafetensorsWriter.Write(_folder["second"], file.Tensors.Reverse().Select(entry => SafetensorsSource.FromFile(file, entry)), file.Metadata);

        Assert.Equal(File.ReadAllBytes(_folder["first"]), File.ReadAllBytes(_folder["second"]));
    }

    [Fact]
    public void Write_SourceFails_KeepsTheOldFileAndLeavesNothing()
    {
        var path = _folder.Write("model.safetensors", "old");
        var failing = new SafetensorsSource("w", SafetensorsDType.F32, [4], stream =>
        {
            stream.Write(new byte[8]);
            throw new InvalidOperationException("device lost");
        });

        Assert.Equal("device lost", Assert.Throws<InvalidOperationException>(() => SafetensorsWriter.Write(path, [failing])).Message);

        Assert.Equal("old", File.ReadAllText(path));
        Assert.Equal(["model.safetensors"], _folder.Names());
    }

    [Theory]
    [InlineData(15, "the source of tensor 'w' wrote 15 bytes, but F32 of its shape takes 16")]
    [InlineData(17, "the source of tensor 'w' writes more than the 16 bytes that F32 of its shape takes")]
    public void Write_SourceOfTheWrongLength_IsRefused(int length, string message)
    {
        var source = new SafetensorsSource("w", SafetensorsDType.F32, [2, 2], stream => stream.Write(new byte[length]));
        var e = Assert.Throws<InvalidOperationException>(() => SafetensorsWriter.Write(_folder["w"], [source]));
        Assert.Equal(message, e.Message);
        Assert.Empty(_folder.Names());
    }

    [Theory]
    [InlineData("w")]
    [InlineData("__metadata__")]
    public void Write_NameTwiceOrReserved_IsRefused(string name)
    {
        SafetensorsSource[] sources = [SafetensorsSource.FromBytes(name, SafetensorsDType.U8, [0], default), SafetensorsSource.FromBytes("w", SafetensorsDType.U8, [0], default)];
        var e = Assert.Throws<ArgumentException>(() => SafetensorsWriter.Write(_folder["w"], sources));
        Assert.StartsWith($"the tensor name '{name}' is used twice or reserved", e.Message);
    }

    [Fact]
    public void FromBytes_WrongLengthOrShape_IsRefused()
    {
        Assert.StartsWith("tensor 'w' was given 3 bytes, but F16 of shape [2] takes 4",
            Assert.Throws<ArgumentException>(() => SafetensorsSource.FromBytes("w", SafetensorsDType.F16, [2], new byte[3])).Message);
        Assert.StartsWith("the shape [-1] has a negative dimension",
            Assert.Throws<ArgumentException>(() => SafetensorsSource.FromBytes("w", SafetensorsDType.F16, [-1], default)).Message);
    }
}
