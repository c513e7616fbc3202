using System.Text.RegularExpressions;

namespace MLNet.Dpo.Fuzz;

/// <summary>What a reader did with one mutant.</summary>
/// <param name="Shape">"read", or the exception's kind and its message without names and numbers.</param>
/// <param name="Fault">What is wrong with it; empty where nothing is.</param>
internal sealed partial record Outcome(string Shape, string Fault)
{
    /// <summary>Runs a reader on a mutant in its folder.</summary>
    public static Outcome Of(Reader reader, string folder, byte[] mutant)
    {
        File.WriteAllBytes(Path.Combine(folder, reader.FileName), mutant);
        try
        {
            reader.Read(folder);
            return new Outcome("read", "");
        }
        catch (Exception e)
        {
            var fault = reader.WhyUndocumented(e) ?? "";
            var text = Names().Replace(e.Message.Replace(folder, "").ReplaceLineEnds(), "_");
            return new Outcome($"{e.GetType().Name}: {text[..Math.Min(text.Length, 140)]}", fault.Length == 0 ? "" : $"{fault} ({Where(e)})");
        }
    }

    // The innermost method of the library, to find what to mend.
    private static string Where(Exception e) =>
        e.GetBaseException().StackTrace?.Split('\n').FirstOrDefault(line => line.Contains("MLNet.Dpo.", StringComparison.Ordinal))?.Trim() ?? "";

    [GeneratedRegex(@"'[^']*'|""[^""]*""|[-\d][\w.+-]*")]
    private static partial Regex Names();
}

/// <summary>Text on one line.</summary>
internal static class OneLine
{
    public static string ReplaceLineEnds(this string text) => string.Concat(text.Select(c => char.IsControl(c) || char.IsSurrogate(c) ? ' ' : c));
}
