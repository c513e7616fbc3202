using MLNet.Dpo.Files;
using MLNet.Dpo.Files.Safetensors;
using MLNet.Dpo.Fuzz;
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
}
