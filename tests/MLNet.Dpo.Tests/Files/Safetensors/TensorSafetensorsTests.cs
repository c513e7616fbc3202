using MLNet.Dpo.Files.Safetensors;
using Xunit;
using static TorchSharp.torch;

namespace MLNet.Dpo.Tests.Files.Safetensors;

public class TensorSafetensorsTests
{
    [Theory]
    [InlineData(float.NaN, ScalarType.Float32)]
    [InlineData(float.PositiveInfinity, ScalarType.BFloat16)]
    [InlineData(float.NegativeInfinity, ScalarType.Float16)]
    public void Read_ValueThatIsNoNumber_NamesFileAndTensor(float bad, ScalarType type)
    {
        var error = Assert.Throws<InvalidDataException>(() => RoundTrip([1, bad, 2], type));
        Assert.Contains("model.safetensors: tensor weight has a value that is NaN or infinite", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_LargestFloats_AreNumbers()
    {
        float[] largest = [.. Enumerable.Repeat(float.MaxValue, 100)];
        Assert.Equal(largest, RoundTrip(largest, ScalarType.Float32));
    }

    private static float[] RoundTrip(float[] values, ScalarType type)
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        var path = folder["model.safetensors"];
        SafetensorsWriter.Write(path, [TensorSafetensors.Source("weight", tensor(values), type)]);
        using var checkpoint = SafetensorsCheckpoint.Open(path);
        return TensorSafetensors.Read(checkpoint, "weight", ScalarType.Float32, CPU).data<float>().ToArray();
    }
}
