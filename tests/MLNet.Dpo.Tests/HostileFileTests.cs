using System.Text;
using MLNet.Dpo.Files.Safetensors;
using MLNet.Dpo.Models.Architectures;
using Xunit;

namespace MLNet.Dpo.Tests;

/// <summary>Damaged copies of the small fixtures: every reader ends with a documented kind of error on one line, or reads the file.</summary>
public class HostileFileTests
{
    private const int Mutants = 300;

    [Fact]
    public void Read_DamagedConfig_GivesDocumentedErrors() => Fuzz("config.json", File.ReadAllBytes(Path.Combine(Fixtures.Llama, "config.json")), path => Architecture.Read(Path.GetDirectoryName(path)!));

    [Fact]
    public void Open_DamagedSafetensorsHeader_GivesDocumentedErrors()
    {
        using var folder = new TemporaryFolder();
        SafetensorsWriter.Write(folder["a.safetensors"], [
            new SafetensorsSource("a", SafetensorsDType.F32, [2, 3], stream => stream.Write(new byte[24])),
            new SafetensorsSource("b.weight", SafetensorsDType.BF16, [4], stream => stream.Write(new byte[8])),
        ]);
        Fuzz("model.safetensors", File.ReadAllBytes(folder["a.safetensors"]), path => SafetensorsFile.Open(path).Dispose());
    }

    [Theory]
    [InlineData("[0, 9223372036854775807, 9223372036854775807]")]
    [InlineData("[9223372036854775807, 9223372036854775807, 0]")]
    public void ByteLength_ZeroAmongHugeDimensions_IsRefused(string shape)
    {
        long[] sizes = [.. shape.Trim('[', ']').Split(", ").Select(long.Parse)];
        Assert.Throws<ArgumentException>(() => SafetensorsDType.F32.ByteLength(sizes));
    }

    private static void Fuzz(string name, byte[] original, Action<string> read)
    {
        using var folder = new TemporaryFolder();
        var random = new Random(7);
        for (int i = 0; i < Mutants; i++)
        {
            byte[] mutant = Mutate(original, random);
            File.WriteAllBytes(folder[name], mutant);
            var error = Record.Exception(() => read(folder[name]));
            Assert.True(error is null or InvalidDataException or NotSupportedException, $"{error}\n{Encoding.Latin1.GetString(mutant)}");
            Assert.DoesNotContain('\n', error?.Message ?? "");
        }
    }

    /// <summary>One to three changes: a byte, a stretch left out or doubled, or a value in the place of a number.</summary>
    private static byte[] Mutate(byte[] original, Random random)
    {
        string[] values = ["-1", "2147483648", "9223372036854775807", "1e999", "null", "{}", "[]", "\"\\ud800\"", "true", "\"x\"", "0"];
        string text = Encoding.Latin1.GetString(original);
        for (int changes = random.Next(1, 4); changes > 0 && text.Length > 1; changes--)
        {
            int at = random.Next(text.Length), length = Math.Min(random.Next(1, 20), text.Length - at);
            int digit = text.AsSpan(at).IndexOfAnyInRange('0', '9');
            text = random.Next(4) switch
            {
                0 => text[..at] + (char)random.Next(256) + text[(at + 1)..],
                1 => text.Remove(at, length),
                2 => text.Insert(at, text.Substring(at, length)),
                _ when digit >= 0 => text[..(at + digit)] + values[random.Next(values.Length)] + text[(at + digit + 1)..],
                _ => text[..at],
            };
        }
        return Encoding.Latin1.GetBytes(text);
    }
}
