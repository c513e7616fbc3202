using System.Text.RegularExpressions;
using Xunit;

namespace MLNet.Dpo.Tests.Samples;

/// <summary>docs/seeds.md says where each sentence is shown running.</summary>
public sealed partial class SeedsTableTests
{
    [Fact]
    public void SeedsTable_TestsAndSamples_AreThere()
    {
        var tests = Directory.EnumerateFiles(Path.Combine(Fixtures.Root, "tests", "MLNet.Dpo.Tests"), "*Tests.cs", SearchOption.AllDirectories)
            .ToLookup(file => Path.GetFileNameWithoutExtension(file)!, File.ReadAllText);
        var missing = new List<string>();
        foreach (var line in File.ReadLines(Path.Combine(Fixtures.Root, "docs", "seeds.md")).Where(line => line.StartsWith('|')))
        {
            var last = "";
            foreach (Match named in Named().Matches(line))
            {
                last = named.Groups["class"] is { Success: true } of ? of.Value : last;
                if (!tests[last].Any(source => Regex.IsMatch(source, $@"class {last}\b.* {named.Groups["test"].Value}", RegexOptions.Singleline))) missing.Add(named.Value);
            }
            missing.AddRange(Samples().Matches(line).Select(m => m.Value).Where(folder => !Directory.Exists(Path.Combine(Fixtures.Root, folder))));
        }
        Assert.NotEmpty(tests);
        Assert.Empty(missing);
    }

    // A class of tests, with the beginning of a test's name, or such a beginning alone, of the class named before it.
    [GeneratedRegex(@"(?<class>\w+Tests)\b(\.(?<test>\w+))?|(?<test>\b[A-Z]\w+_[A-Z]\w+)")]
    private static partial Regex Named();

    [GeneratedRegex(@"samples/[A-Za-z]+")]
    private static partial Regex Samples();
}
