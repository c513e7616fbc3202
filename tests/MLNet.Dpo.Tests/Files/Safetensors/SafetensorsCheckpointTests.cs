using MLNet.Dpo.Files.Safetensors;
using Xunit;

namespace MLNet.Dpo.Tests.Files.Safetensors;

public sealed class SafetensorsCheckpointTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Open_FolderWithOneFile_GivesItsTensors()
    {
        Shard("model.safetensors", "a", 1);
        using var checkpoint = SafetensorsCheckpoint.Open(_folder.Path);
        Assert.Equal(1, Read(checkpoint, "a"));
    }

    [Fact]
    public void Open_FileItself_GivesItsTensors()
    {
        Shard("adapter_model.safetensors", "a", 4);
        using var checkpoint = SafetensorsCheckpoint.Open(_folder["adapter_model.safetensors"]);
        Assert.Equal(4, Read(checkpoint, "a"));
    }

    [Fact]
    public void Open_Shards_GivesOneLookup()
    {
        Shard("model-00001-of-00002.safetensors", "a", 1);
        Shard("model-00002-of-00002.safetensors", "b", 2);
        Index("""{"metadata":{"total_size":2},"weight_map":{"b":"model-00002-of-00002.safetensors","a":"model-00001-of-00002.safetensors"}}""");

        using var checkpoint = SafetensorsCheckpoint.Open(_folder.Path);

        Assert.Equal(["a", "b"], checkpoint.Tensors.Keys.Order());
        Assert.Equal(1, Read(checkpoint, "a"));
        Assert.Equal(2, Read(checkpoint, "b"));
        Assert.EndsWith("model-00002-of-00002.safetensors", checkpoint.FileOf("b").Path);
        Assert.False(checkpoint.TryGet("c", out _));
        Assert.Contains("lack tensor 'c' (2 others are there)", Assert.Throws<InvalidDataException>(() => checkpoint.Get("c")).Message);
    }

    [Fact]
    public void Open_MissingShard_SaysWhich()
    {
        Shard("model-00001-of-00002.safetensors", "a", 1);
        Index("""{"weight_map":{"b":"model-00002-of-00002.safetensors","a":"model-00001-of-00002.safetensors"}}""");
        var e = Assert.Throws<InvalidDataException>(() => SafetensorsCheckpoint.Open(_folder.Path));
        Assert.StartsWith($"the shard '{_folder["model-00002-of-00002.safetensors"]}' is missing; model.safetensors.index.json places 1 tensors there", e.Message);
    }

    [Fact]
    public void Open_TensorNotInItsShard_SaysWhich()
    {
        Shard("s.safetensors", "a", 1);
        Index("""{"weight_map":{"a":"s.safetensors","b":"s.safetensors"}}""");
        var e = Assert.Throws<InvalidDataException>(() => SafetensorsCheckpoint.Open(_folder.Path));
        Assert.Equal($"'{_folder["s.safetensors"]}' lacks tensor 'b', which model.safetensors.index.json places there; get both files again", e.Message);
    }

    [Theory]
    [InlineData("[]", "is not a safetensors index: expected an object with a 'weight_map' object")]
    [InlineData("{\"weight_map\":{\"a\":1}}", "is not a safetensors index: the shard of tensor 'a' is not a string")]
    [InlineData("{\"weight_map\":{\"a\":\"../x.safetensors\"}}", "is not a safetensors index: the shard '../x.safetensors' of tensor 'a' is not a plain file name")]
    [InlineData("{\"weight_map\":{\"a\":\"x\",\"a\":\"y\"}}", "is not a safetensors index: the weight_map names tensor 'a' twice")]
    [InlineData("{\"weight_map\":{}}", "is not a safetensors index: its weight_map is empty")]
    [InlineData("{\"weight_map\":", "is not valid JSON (line 1: ")]
    public void Open_BrokenIndex_SaysWhy(string json, string reason)
    {
        Index(json);
        var e = Assert.Throws<InvalidDataException>(() => SafetensorsCheckpoint.Open(_folder.Path));
        Assert.StartsWith($"'{_folder["model.safetensors.index.json"]}' {reason}", e.Message);
        Assert.DoesNotContain('\n', e.Message);
    }

    [Fact]
    public void Open_NothingThere_SaysWhatIsExpected()
    {
        Assert.Contains("has neither model.safetensors nor model.safetensors.index.json", Assert.Throws<FileNotFoundException>(() => SafetensorsCheckpoint.Open(_folder.Path)).Message);
        Assert.Contains("does not exist", Assert.Throws<FileNotFoundException>(() => SafetensorsCheckpoint.Open(_folder["none"])).Message);
    }

    private void Shard(string name, string tensor, byte value) =>
        SafetensorsWriter.Write(_folder[name], [SafetensorsSource.FromBytes(tensor, SafetensorsDType.U8, [1], new[] { value })]);

    private void Index(string json) => _folder.Write("model.safetensors.index.json", json);

    private static int Read(SafetensorsCheckpoint checkpoint, string name)
    {
        var bytes = new byte[1];
        checkpoint.CopyTo(checkpoint.Get(name), 0, bytes);
        return bytes[0];
    }
}
