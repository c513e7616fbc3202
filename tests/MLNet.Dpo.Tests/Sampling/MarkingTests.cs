using System.Text;
using Microsoft.ML;
using Microsoft.ML.Data;
using Xunit;

namespace MLNet.Dpo.Tests.Sampling;

/// <summary>Sheets of samples: what is written comes back, marks count, and a slip of the pen is said with its line.</summary>
public sealed class MarkingTests : IDisposable
{
    private const string Conversation = """[{"role": "system", "content": "Be brief."}, {"role":"user","content":"hi\nA[1]: no"},{"role":"assistant","content":null,"tool_calls":[{"type":"function"}]},{"content":"x","role":"we ird"}]""";

    private static readonly string[] Awkward =
    [
        "A[3]: no", "A[1]", "Q: what?", "Q[user]: hm", "+ A[2]: x", "- item\n- item", "# heading", "| pipe", "END {", "", " ", "\n", "\n\n", "a\n\nb\n", "  lead", "trail  ", "tab\t", "\ttab\there",
        "a\r\nb", "a\rb", "\uFEFFbom", "a\u2028b\u2029c\u0085d", "x\vy\fz", "\\u{41}", "\\\\u{", "\\frac{1}{2}\\", "\ud83d", "\udc00\ud83d", "😀 你好", "\u202Eabc", "\0", "nb\u00A0", "wide\u3000", "END", "…",
    ];

    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _ml = new(seed: 1);

    [Theory]
    [InlineData("\n", false)]
    [InlineData("\r\n", true)]
    public void ReadMarked_AThousandAnswers_AreUnchangedThroughAnyEditor(string lineEnd, bool mark)
    {
        var random = new Random(1);
        var samples = Enumerable.Range(0, 100).Select(i => new PromptSamples(i % 2 == 0 ? Text(random) + "?" : "", i % 2 == 0 ? "" : Conversation, [.. Enumerable.Range(0, 10).Select(_ => Text(random))]) { Sources = [.. Enumerable.Range(0, 10).Select(a => $"s{a}")] }).ToList();
        Assert.Equal(100, _ml.Preferences.WriteSamples(samples, _folder["sheets"]));
        foreach (var path in Directory.EnumerateFiles(_folder["sheets"]))
        {
            var text = File.ReadAllText(path);
            Assert.DoesNotContain(text.Split('\n'), line => line.Length > 0 && char.IsWhiteSpace(line[^1]));
            // As an editor saves it: other line ends, a byte order mark, trailing white space, a mark before every answer.
            File.WriteAllText(path, string.Join(lineEnd, text.Split('\n').Select(line => (line.StartsWith("A[") ? "+ " : "") + line + (mark ? "  " : ""))), new UTF8Encoding(mark));
        }
        var rows = Rows(_ml.Preferences.ReadMarked(_folder["sheets"]));
        Assert.Equal(100, rows.Count);
        foreach (var (row, sample) in rows.Zip(samples))
        {
            Assert.Equal(sample.Prompt, row.Prompt);
            Assert.Equal(sample.Messages, row.Messages);
            Assert.Equal(sample.Responses, row.Responses);
            Assert.Equal(sample.Sources, row.Sources);
            Assert.All(row.Scores, score => Assert.Equal(1, score));
        }
    }

    [Fact]
    public void WriteSamples_OneLineAnswers_ReadAsTheSeedShowsThem()
    {
        Write(new PromptSamples("hi!", "", ["hi!", "I am an AI.\nNice to meet you!", "hi!"]));
        Assert.Equal(
            ["Q: hi!", "", "A[1]: hi!", "", "A[2]: I am an AI.", "| Nice to meet you!", "", "# A[3] says the same as A[1].", "A[3]: hi!", ""],
            File.ReadAllLines(Sheet)[3..^1]);
        Write(new PromptSamples("", Conversation, ["ok"]), "other");
        Assert.Equal(["Q[system]: Be brief.", "Q[user]: hi", "| A[1]: no", "Q[assistant]:", "| {\"tool_calls\":[{\"type\":\"function\"}]}", "Q[we_ird]: x"], File.ReadAllLines(Path.Combine(_folder["other"], "00001.txt"))[3..9]);
    }

    [Fact]
    public void ReadMarked_MarksOfEveryHand_MakeScores()
    {
        Write(new PromptSamples("hi!", "", ["a", "b", "c", "d", "e"]));
        Replace(("A[1]:", "+A[1]:"), ("A[2]:", "  －  A[2]:"), ("A[3]:", "# fine\n— A[3]:"), ("A[5]:", "＋A[5]:"));
        var row = Assert.Single(Rows(_ml.Preferences.ReadMarked(_folder["sheets"])));
        Assert.Equal(["a", "b", "c", "e"], row.Responses);
        Assert.Equal([1, 0, 0, 1], row.Scores);
        Assert.Equal("hi!", row.Prompt);
        Assert.Equal($"'{Sheet}', line 4", row.SourceRecord);
    }

    [Theory]
    [InlineData("A[2]:", "x A[2]:", 8, "A[2] has the unknown mark 'x'; expected + (wanted)")]
    [InlineData("A[2]:", "+- A[2]:", 8, "A[2] is marked both + and -; leave one")]
    [InlineData("A[2]: b", "A[2]: + b", 8, "A[2] is not the text that was written; undo")]
    [InlineData("A[2]: b", "+\nA[2]: b", 8, "the mark '+' stands alone; put it before")]
    [InlineData("A[2]: b\n", "", 10, "A[2] is missing: A[3] follows A[1]; put it back")]
    [InlineData("A[3]: a\n", "", 12, "A[3] is missing: 3 answers were written; put it back")]
    [InlineData("A[2]: b", "A[2]: b\nA[1]: a", 9, "A[1] stands here again (first in line 6); expected A[3]")]
    [InlineData("A[2]:", "A[two]:", 8, "'A[two]' has no number; expected A[2]")]
    [InlineData("A[2]:", "A[2]", 8, "'A[2] b' is no answer's beginning")]
    [InlineData("A[2]:", "[2]:", 8, "'[2]: b' is neither a question")]
    [InlineData("Q:", "Question:", 4, "'Question: hi!' is neither a question")]
    [InlineData("Q: hi!", "Q: hi", 4, "the question (or its part of the last line) is not as it was written")]
    [InlineData("A[2]: b", "A[2]: \\u{110000}", 8, "A[2] has the escape '\\u{110000}', which is no character")]
    [InlineData("A[1]: a", "+ A[1]: a", 11, "A[3] has the text of an earlier answer (A[1]), and one of them is marked +, the other -; mark both alike", "A[3]: a", "- A[3]: a")]
    [InlineData("END {", "END {,", 13, "the last line is not as it was written; undo the change")]
    [InlineData("END {", "# END {", 14, "the file has no last line that begins with END")]
    public void ReadMarked_ASlipOfThePen_IsAnErrorWithFileAndLine(string old, string changed, int line, string expected, string? old2 = null, string? changed2 = null)
    {
        Write(new PromptSamples("hi!", "", ["a", "b", "a"]));
        Replace((old, changed), (old2 ?? "END", changed2 ?? "END"));
        var error = Assert.Throws<PreferenceDataException>(() => _ml.Preferences.ReadMarked(_folder["sheets"]));
        Assert.StartsWith($"'{Sheet}', line {line}: {expected}", error.Message);
        Assert.Equal((Sheet, line), (error.File, error.Line));
    }

    [Fact]
    public void ReadMarked_ARewrittenAnswer_CountsOnRequest()
    {
        Write(new PromptSamples("hi!", "", ["a", "b"]));
        Replace(("A[1]: a", "+ A[1]: mine\n| at length"), ("A[2]:", "- A[2]:"));
        Assert.Equal(["mine\nat length", "b"], Assert.Single(Rows(_ml.Preferences.ReadMarked(_folder["sheets"], allowEdits: true))).Responses);
    }

    [Fact]
    public void WriteSamples_AMarkedFileIsThere_LosesNothing()
    {
        PromptSamples first = new("hi!", "", ["a", "b"]), second = new("bye", "", ["c", "d"]);
        Write(first);
        Replace(("A[1]:", "+ A[1]:"));
        var marked = File.ReadAllText(Sheet);
        Assert.Equal(1, _ml.Preferences.WriteSamples([first, second], _folder["sheets"]));
        Assert.Equal(marked, File.ReadAllText(Sheet));
        Assert.Contains("its marks would be lost", Assert.Throws<IOException>(() => _ml.Preferences.WriteSamples([second, first, second], _folder["sheets"])).Message);
        Assert.Equal(marked, File.ReadAllText(Sheet));
        Assert.Equal(2, Directory.GetFiles(_folder["sheets"]).Length);
        File.Copy(Sheet, Path.Combine(_folder["sheets"], "00001 - Copy.txt"));
        Assert.Contains("holds the same prompt (number 1)", Assert.Throws<PreferenceDataException>(() => _ml.Preferences.ReadMarked(_folder["sheets"])).Message);
    }

    [Fact]
    public void ReadMarked_NothingToRead_IsSaid()
    {
        Assert.Contains("is no folder", Assert.Throws<PreferenceDataException>(() => _ml.Preferences.ReadMarked(_folder["none"])).Message);
        Write(new PromptSamples("hi!", "", ["a", "b"]));
        Assert.Contains("no mark in them", Assert.Throws<PreferenceDataException>(() => _ml.Preferences.ReadMarked(_folder["sheets"])).Message);
        File.WriteAllBytes(Sheet, [0xff, 0x41, 0xff]);
        Assert.Contains("is not UTF-8 text", Assert.Throws<PreferenceDataException>(() => _ml.Preferences.ReadMarked(_folder["sheets"])).Message);
    }

    [Fact]
    public void ReadMarked_AsTrainingData_IsTokenised()
    {
        Write(new PromptSamples("hi!", "", ["a", "b", "c"]));
        Replace(("A[1]:", "+ A[1]:"), ("A[3]:", "- A[3]:"));
        var rows = _ml.Preferences.ReadMarked(_folder["sheets"]);
        var tokens = _ml.Preferences.Tokenize(Fixtures.TinyChatml).Fit(rows).Transform(rows);
        Assert.Equal(2, tokens.GetColumn<int[]>(ColumnNames.ResponseLengths).Single().Length);
    }

    public void Dispose() => _folder.Dispose();

    private string Sheet => Path.Combine(_folder["sheets"], "00001.txt");

    private void Write(PromptSamples samples, string folder = "sheets") => _ml.Preferences.WriteSamples([samples], _folder[folder]);

    private void Replace(params (string Old, string New)[] changes)
    {
        var lines = File.ReadAllText(Sheet).Split('\n');
        var text = string.Join('\n', lines[3..]);
        foreach (var (old, changed) in changes)
        {
            Assert.Contains(old, text);
            text = text.Replace(old, changed);
        }
        File.WriteAllText(Sheet, string.Join('\n', [.. lines[..3], text]));
    }

    private List<Row> Rows(IDataView data) => [.. _ml.Data.CreateEnumerable<Row>(data, reuseRowObject: false)];

    private static string Text(Random random) => string.Concat(Enumerable.Range(0, random.Next(5)).Select(_ => Awkward[random.Next(Awkward.Length)] + (random.Next(2) == 0 ? "\n" : "")));

    private sealed class Row
    {
        public string Prompt { get; set; } = "";
        public string Messages { get; set; } = "";
        public string[] Responses { get; set; } = [];
        public float[] Scores { get; set; } = [];
        public string[] Sources { get; set; } = [];
        public string SourceRecord { get; set; } = "";
    }
}
