using MLNet.Dpo.Files.Safetensors;
using Xunit;

namespace MLNet.Dpo.Tests.Files.Safetensors;

/// <summary>Files of the reference library.</summary>
public class SafetensorsGoldenTests
{
    [SharedDataFact("fixtures/models")]
    public void Write_TensorsOfAReferenceFileInAnyOrder_GivesThatFileByteForByte()
    {
        var paths = Directory.GetFiles(SharedData.PathTo("fixtures"), "*.safetensors", SearchOption.AllDirectories);
        Assert.NotEmpty(paths);
        foreach (var path in paths)
        {
            using var file = SafetensorsFile.Open(path);
            using var copy = new MemoryStream();
            SafetensorsWriter.Write(copy, file.Tensors.Reverse().Select(entry => SafetensorsSource.FromFile(file, entry)), file.Metadata);
            Assert.True(File.ReadAllBytes(path).AsSpan().SequenceEqual(copy.ToArray()), path);
        }
    }

    [SharedDataFact("fixtures/models/sharded-bf16-llama")]
    public void Open_ShardedFixture_FindsEveryTensor()
    {
        using var checkpoint = SafetensorsCheckpoint.Open(SharedData.PathTo("fixtures/models/sharded-bf16-llama"));
        Assert.Equal(484224, checkpoint.Tensors.Values.Sum(entry => entry.ByteLength));
        Assert.Equal(242112, checkpoint.Tensors.Values.Sum(entry => entry.ElementCount));
        Assert.All(checkpoint.Tensors.Values, entry => Assert.Equal(SafetensorsDType.BF16, entry.DType));
    }
}
