using System.Text.RegularExpressions;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.Dpo.Data;
using Xunit;

namespace MLNet.Dpo.Tests.Data;

/// <summary>Files as people write them by hand, and the examples of a format's description, to the letter.</summary>
public sealed class HandWrittenJsonTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Load_HandWritten_IsReadAndSaid()
    {
        var ml = new MLContext();
        var notes = new List<string>();
        ml.Log += (_, e) =>
        {
            if (e.Kind == ChannelMessageKind.Info && e.Source.Contains(nameof(PreferenceLoader), StringComparison.Ordinal)) notes.Add(e.RawMessage);
        };
        var path = _folder.Write("hand.json", """
            # two records
            [{"prompt": "a
            b", "chosen": "c"  # better
              "rejected": "d"}
             {"prompt": "e", "completion": "f"}]
            """);
        var data = ml.Preferences.Load(path);
        Assert.Equal(["a\nb", "e"], data.GetColumn<string>("Prompt"));
        Assert.Contains($"'{path}' is not strict JSON and was read all the same: 2 missing commas, 2 comments, 1 line break or tab inside texts", notes);
        Assert.Contains("1 of 2 records have one answer alone, the others several: DpoTrainer learns it where LmLossScale is set, by the language-model loss", notes);
    }

    [Fact]
    public void Load_UnclosedText_NamesItsLine() =>
        Assert.StartsWith("line 1, column 14: not valid JSON: '0x0A' is invalid", Texts.Error("{\"prompt\": \"a\n{\"prompt\": \"b\", \"chosen\": \"c\", \"rejected\": \"d\"}"));

    [SharedDataFact("seeds")]
    public void Load_TheExamplesOfTheDescription_AreReadByteForByte()
    {
        var examples = Examples();
        var basic = Texts.ReadAll(examples["基础格式"]).Single();
        Assert.Equal(["It's so easy. First, you need to learn Python syntax...", "Check python doc yourself"], basic.Responses);
        var role = Texts.ReadAll(examples["角色扮演"]).Single();
        Assert.Contains("你是白\\n你是一个男明星。", role.Messages, StringComparison.Ordinal);
        var classes = Texts.ReadAll(examples["文本分类"]);
        Assert.Equal([1, 1, 1, 1, 2], classes.Select(group => group.ResponseCount));
    }

    [SharedDataFact("seeds")]
    public void Load_TheScoredExample_LacksABraceAndIsThreePairsWithIt()
    {
        var source = Examples()["底层格式"];
        var line = source[..source.IndexOf("\"text\": \"Check python doc yourself\"", StringComparison.Ordinal)].Count(c => c == '\n');
        Assert.Equal($"line {line}, column 9: not valid JSON: '{{' follows a value inside an object, where ',' or '}}' should stand; is a '}}' missing before it?", Texts.Error(source));

        var comment = source.IndexOf('#', source.IndexOf("\"score\": 0.5", StringComparison.Ordinal));
        var end = source.IndexOf('\n', comment) + 1;
        var group = Texts.ReadAll(source.Insert(end, "}\n")).Single();
        Assert.Equal([0.5f, 0.1f, 1f], group.Scores);
        Assert.Equal([new(0, 1), new(2, 0), new(2, 1)], PreferencePair.FromScores([.. group.Scores]));
        Assert.Equal([0, 0, 1, 0], group.LossWeights);
        Assert.Equal([0, 0, 0], group.LmLossMasks);
    }

    // The fenced blocks after bold titles.
    private static Dictionary<string, string> Examples()
    {
        var text = Directory.GetFiles(SharedData.PathTo("seeds")).Select(File.ReadAllText).Single(t => t.Contains("底层格式", StringComparison.Ordinal));
        return Regex.Matches(text, @"\*\*(\w+)\*\*(?:(?!\*\*)[\s\S])*?```JSON\r?\n([\s\S]*?)```").ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value);
    }
}
