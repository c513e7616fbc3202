using System.Text.Json;
using MLNet.Dpo.Generation;
using Xunit;

namespace MLNet.Dpo.Tests.Generation;

public class GenerationStreamTests
{
    [Fact]
    public void Read_WhatWasWritten_EveryOptionIsKept()
    {
        var options = new GenerationOptions
        {
            MaxNewTokens = 7,
            Temperature = 0.7,
            TopK = 11,
            TopP = 0.9,
            MinP = 0.05,
            TypicalP = 0.8,
            EpsilonCutoff = 0.01,
            EtaCutoff = 0.02,
            NumBeams = 4,
            LengthPenalty = 0.5,
            EarlyStopping = BeamStopping.Never,
            FrequencyPenalty = 0.1,
            PresencePenalty = 0.2,
            LogitBias = new Dictionary<int, double> { [7] = -1.5 },
            BadWordsIds = [[1, 2], [3]],
            SuppressTokens = [6],
            BeginSuppressTokens = [8],
            MinNewTokens = 2,
            ForcedEosTokenId = 9,
            RepetitionPenalty = 1.2,
            NoRepeatNgramSize = 2,
            Seed = 3,
            StopTokenIds = [4, 5],
            JsonSchema = "{}",
            TopLogps = 3,
            StopStrings = ["."],
            BatchSize = 6,
            OnLongPrompt = LongPromptHandling.Skip,
        };
        var defaults = JsonSerializer.SerializeToNode(new GenerationOptions(), TestJson.Options)!.AsObject();
        Assert.All(JsonSerializer.SerializeToNode(options, TestJson.Options)!.AsObject(), option => Assert.NotEqual(defaults[option.Key]?.ToJsonString(), option.Value!.ToJsonString()));

        using var stream = new MemoryStream();
        GenerationStream.Write(new BinaryWriter(stream), options);
        stream.Position = 0;
        var read = GenerationStream.Read(new BinaryReader(stream));

        Assert.Equal(TestJson.Text(options), TestJson.Text(read));
        Assert.Equal(stream.Length, stream.Position);
    }

    [Fact]
    public void Read_FileWithoutASetting_HasItsDefault()
    {
        var read = Read("""{"TopK":11}""");
        Assert.Equal(TestJson.Text(new GenerationOptions { TopK = 11 }), TestJson.Text(read));
    }

    [Fact]
    public void Read_SettingOfALaterVersion_IsNamed()
    {
        var error = Assert.Throws<InvalidDataException>(() => Read("""{"TopK":11,"BeamWidth":4}"""));
        Assert.Contains("BeamWidth", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("""{"TopK":"many"}""")]
    [InlineData("""{"TopK":1,"TopK":2}""")]
    [InlineData("""{"MaxNewTokens":99999999999}""")]
    public void Read_DamagedSettings_SaysSo(string json) =>
        Assert.Contains("generation settings cannot be read", Assert.Throws<InvalidDataException>(() => Read(json)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(-1)]
    [InlineData(int.MinValue)]
    [InlineData(3)]
    [InlineData(int.MaxValue)]
    public void ReadUnnamed_CountThatIsNotThere_SaysSoAndTakesNoMemory(int count)
    {
        using var stream = new MemoryStream();
        var writer = new BinaryWriter(stream);
        writer.Write(7);
        writer.Write(0.5);
        writer.Write(1);
        for (var i = 0; i < 3; i++) writer.Write(0.5);
        for (var i = 0; i < 3; i++) writer.Write(1);
        writer.Write(count);
        writer.Write(1);
        stream.Position = 0;
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("the file is damaged", Assert.Throws<InvalidDataException>(() => GenerationStream.ReadUnnamed(new BinaryReader(stream))).Message, StringComparison.Ordinal);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1 << 20);
    }

    private static GenerationOptions Read(string json)
    {
        using var stream = new MemoryStream();
        new BinaryWriter(stream).Write(json);
        stream.Position = 0;
        return GenerationStream.Read(new BinaryReader(stream));
    }
}
