using MLNet.Dpo.Experiments;
using MLNet.Dpo.Files;
using MLNet.Dpo.Files.Safetensors;
using MLNet.Dpo.Fuzz;
using MLNet.Dpo.Reporting;
using Xunit;

namespace MLNet.Dpo.Tests;

/// <summary>Damaged files: every reader ends with a documented kind of error on one line that names the file, or reads it. `./build.sh fuzz` does the same with more mutants, and limits.</summary>
public class HostileFileTests
{
    private const int Mutants = 200;
    private const int ZipMutants = 10;

    public static TheoryData<string> Names => [.. Readers.All.Select(reader => reader.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Read_DamagedFile_GivesDocumentedErrors(string name)
    {
        var reader = Readers.All.Single(r => r.Name == name);
        using var folder = new TemporaryFolder();
        reader.Prepare(folder.Path);
        for (var i = 0; i < (reader.FileName == "model.zip" ? ZipMutants : Mutants); i++)
        {
            var outcome = Outcome.Of(reader, folder.Path, reader.Mutant(i));
            Assert.True(outcome.Fault.Length == 0, $"mutant {i}: {outcome}");
        }
    }

    [Theory]
    [InlineData(int.MaxValue)]
    [InlineData(int.MaxValue - 100)]
    [InlineData(-1)]
    public void ReadInt32List_CountThatNothingFills_IsRefusedAtNoCost(int count)
    {
        using var reader = new BinaryReader(new MemoryStream([.. BitConverter.GetBytes(count), 1, 0, 0, 0]));
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<InvalidDataException>(() => reader.ReadInt32List("ids"));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void LoadZip_NoZip_NamesTheFile()
    {
        using var folder = new TemporaryFolder();
        var ml = new Microsoft.ML.MLContext();
        Assert.Contains(folder["none.zip"], Assert.Throws<FileNotFoundException>(() => ml.Preferences.LoadZip(folder["none.zip"], out _)).Message);
        Assert.Contains(folder["a.zip"], Assert.Throws<InvalidDataException>(() => ml.Preferences.LoadZip(folder.Write("a.zip", "no zip"), out _)).Message);
    }

    [Theory]
    [InlineData("[0, 9223372036854775807, 9223372036854775807]")]
    [InlineData("[9223372036854775807, 9223372036854775807, 0]")]
    public void ByteLength_ZeroAmongHugeDimensions_IsRefused(string shape)
    {
        long[] sizes = [.. shape.Trim('[', ']').Split(", ").Select(long.Parse)];
        Assert.Throws<ArgumentException>(() => SafetensorsDType.F32.ByteLength(sizes));
    }

    [Theory]
    [InlineData(RunRecord.Name, "{\"options\":{\"a\":\"\\ud800\"},\"data\":{},\"samples\":[]}", "a text in it is not valid Unicode")]
    [InlineData(RunRecord.Name, "{\"options\":{\"a\":null},\"data\":{},\"samples\":[]}", "a is no text")]
    [InlineData(RunRecord.Name, "{\"options\":{},\"data\":{},\"samples\":[{\"prompt\":\"p\"}]}", "before is no text")]
    [InlineData(RunRecord.Name, "null", "it is no object")]
    public void Report_DamagedRun_IsRefused(string name, string text, string reason)
    {
        using var folder = new TemporaryFolder();
        folder.Write("metrics.jsonl", "{\"\\ud800\":1}\n{\"step\":1,\"loss\":0.5}\n");
        folder.Write(name, text);
        var error = Assert.Throws<InvalidDataException>(() => new Microsoft.ML.MLContext().Preferences.Report(folder.Path));
        Assert.Contains($"{folder[name]} is not what a run writes ({reason}); remove it", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"Metrics\": null, \"Responses\": []")]
    [InlineData("\"Metrics\": {\"a\": null}, \"Responses\": []")]
    [InlineData("\"Metrics\": {}, \"Responses\": [null]")]
    [InlineData("\"Metrics\": {}")]
    public void SweepRecord_NullWhereAValueIsNeeded_IsRefused(string values)
    {
        using var folder = new TemporaryFolder();
        folder.Write(SweepRecord.FileName, $$"""{"Run": {}, "Judging": "", "Result": {"Name": "m", "Beta": 0.1, "Preferences": null, "Kl": null, "Tokens": null, "CutShare": 0, {{values}} } }""");
        Assert.Contains(SweepRecord.FileName, Assert.Throws<InvalidDataException>(() => SweepRecord.Read(folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void LoadSamples_HugePromptNumber_TakesNoMemory()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("samples.jsonl", """
            {"kind":"mlnet-dpo-samples","samples_per_prompt":1,"seed":1}
            {"source":"s","settings":""}
            {"number":2147483647,"prompt":"p","source":"s","sample":1,"response":"a"}

            """);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal("p", Assert.Single(new Microsoft.ML.MLContext().Preferences.LoadSamples(path)).Prompt);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 << 20);
    }

    [Fact]
    public void VerdictCache_DamagedLines_ArePassedOver()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("verdicts.jsonl", "{\"key\":\"\\ud800\",\"verdict\":\"A\"}\n{\"key\":1,\"verdict\":\"A\"}\n{\"key\":null,\"verdict\":\"A\"}\n{\"key\":\"k\",\"verdict\":7}\n{\"key\":\"k\",\"verdict\":\"B\"}\n");
        var cache = new ExtensionsAI.VerdictCache(path);
        Assert.True(cache.TryGet("k", out var verdict));
        Assert.Equal(Verdict.B, verdict);
    }
}
