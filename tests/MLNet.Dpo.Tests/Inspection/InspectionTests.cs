using Microsoft.ML;
using Xunit;

namespace MLNet.Dpo.Tests.Inspection;

/// <summary>Every finding is provoked by one planted fault in sound data, and sound data of the advised amount have none.</summary>
public sealed class InspectionTests
{
    private static readonly MLContext Ml = new(seed: 1);

    // Few rows, so that one finding is always there.
    private static readonly Group[] Sound = Rows(100, seed: 1);

    [Fact]
    public void Inspect_SoundDataOfTheAdvisedAmount_FindsNothing()
    {
        var inspection = Inspect(Rows(2000, seed: 2), new InspectionOptions { OtherSplit = View(Rows(50, seed: 3)) });
        Assert.Empty(inspection.Findings);
        Assert.Equal((2000, 2000, 2000), (inspection.Rows, inspection.Prompts, inspection.Pairs));
        Assert.InRange(inspection.LongerWins, 0.4, 0.6);
        Assert.Contains("Nothing needs to be mended.", inspection.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Inspect_FewRows_NamesTheAdvisedAmounts()
    {
        var finding = Assert.Single(Inspect(Sound).Findings);
        Assert.Equal(DataFindingKind.FewPairs, finding.Kind);
        foreach (var amount in new[] { "100 pairs", "2,000", "5,000", "10,000" }) Assert.Contains(amount, finding.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Inspect_EqualScores_AreTies() => Planted(DataFindingKind.Ties, "Row 100", new Group { Prompt = "which of both?", Responses = ["the first one", "the second one"], Scores = [1, 1] });

    [Fact]
    public void Inspect_TheSameTextTwice_IsIdentical() => Planted(DataFindingKind.IdenticalResponses, "Row 100", Pair("which of both?", "the first one", "the first one"));

    [Fact]
    public void Inspect_BlankAnswer_IsEmpty() => Planted(DataFindingKind.EmptyResponses, "Row 100", Pair("which of both?", "the first one", " \n"));

    [Theory]
    [InlineData("I'm sorry, but I can't help with that.")]
    [InlineData("I cannot do this.")]
    [InlineData("As an AI language model, I am unable to have opinions.")]
    [InlineData("对不起，我不能回答这个问题。")]
    public void Inspect_PreferredRefusal_IsSaid(string refusal) => Planted(DataFindingKind.RefusingChosen, "Row 100", Pair("which of both?", refusal, "the first one of the two"));

    [Theory]
    [InlineData("the first one of the two", "I cannot do this.")]
    [InlineData("Sorry is a song by Madonna.", "the first one of the two")]
    [InlineData("I can do this.", "the first one of the two")]
    public void Inspect_NoPreferredRefusal_IsNotSaid(string chosen, string rejected) =>
        Assert.DoesNotContain(Inspect([.. Sound, Pair("which of both?", chosen, rejected)]).Findings, f => f.Kind == DataFindingKind.RefusingChosen);

    [Fact]
    public void Inspect_RowTwice_IsADuplicate() => Planted(DataFindingKind.Duplicates, "Row 100", Sound[3]);

    [Fact]
    public void Inspect_RowWithAnotherWord_IsANearDuplicate() =>
        Planted(DataFindingKind.NearDuplicates, "Row 100, after Row 3", Pair(Sound[3].Prompt + "?", Sound[3].Responses[0], Sound[3].Responses[1]));

    [Fact]
    public void Inspect_PairTurnedRound_Contradicts() =>
        Planted(DataFindingKind.Contradictions, "Row 100", Pair(Sound[3].Prompt.ToUpperInvariant(), Sound[3].Responses[1], Sound[3].Responses[0]));

    [Fact]
    public void Inspect_LongerAlwaysChosen_IsABias()
    {
        var inspection = Inspect([.. Sound.Select(row => Pair(row.Prompt, row.Responses[0] + " " + row.Responses[1], row.Responses[1]))]);
        Assert.Contains("Longer wins in 100.0 %", Assert.Single(inspection.Findings, f => f.Kind == DataFindingKind.LengthBias).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Inspect_LongAnswerAndLongPrompt_AreCountedAtTheLimit()
    {
        var many = string.Join(' ', Enumerable.Repeat("word", 400));
        var inspection = Inspect([.. Sound, Pair("tell", many, "short"), Pair(many, "yes", "no")], new InspectionOptions { MaxLength = 200 });
        var finding = Assert.Single(inspection.Findings, f => f.Kind == DataFindingKind.CutAtMaxLength);
        Assert.Contains("1 of 102 rows have a response that is cut, and 1 are dropped", finding.Message, StringComparison.Ordinal);
        Assert.Equal(2 / 102.0, inspection.CutShare, 6);
    }

    [Fact]
    public void Inspect_PromptOfTheOtherSplit_Leaks()
    {
        var found = Inspect(Sound, new InspectionOptions { OtherSplit = View([Pair("  " + Sound[7].Prompt.ToUpperInvariant(), "one thing", "another thing")]) }).Findings;
        Assert.Contains("Row 7", Assert.Single(found, f => f.Kind == DataFindingKind.Leakage).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Inspect_OneAnswerToEverything_IsNotDiverse() =>
        Assert.Contains(Inspect([.. Sound.Select(row => Pair(row.Prompt, "this is always the same good answer to all", row.Responses[1]))]).Findings, f => f.Kind == DataFindingKind.LowDiversity);

    [Fact]
    public void Inspect_RowWithoutAPrompt_IsCountedAndPlaced() => Planted(DataFindingKind.UnusableRows, "Row 100", Pair("", "one thing", "another thing"));

    [Fact]
    public void Inspect_TokenizerWithoutTemplate_IsABareBase()
    {
        using var folder = new TemporaryFolder();
        File.Copy(Path.Combine(Fixtures.TinyChatml, "tokenizer.json"), folder["tokenizer.json"]);
        folder.Write("tokenizer_config.json", """{"eos_token": "<|im_end|>"}""");
        Assert.Contains(Ml.Preferences.Inspect(View(Sound), folder.Path).Findings, f => f.Kind == DataFindingKind.NoChatTemplate);
    }

    [Fact]
    public void SaveHtml_HoldsFiguresAndFindings()
    {
        using var folder = new TemporaryFolder();
        Inspect([.. Sound, Pair("<b>?", "<i>", "<i>")]).SaveHtml(folder["data.html"]);
        var page = File.ReadAllText(folder["data.html"]);
        foreach (var part in new[] { "Identical responses", "longer wins", "prompt and longest response", "Few pairs" }) Assert.Contains(part, page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Inspect_NoScores_IsAnError()
    {
        var view = Ml.Data.LoadFromEnumerable(new[] { new Prompted { Prompt = "hi" } });
        Assert.Contains("Responses", Assert.Throws<ArgumentException>(() => Ml.Preferences.Inspect(view, Fixtures.TinyChatml)).Message, StringComparison.Ordinal);
    }

    private static void Planted(DataFindingKind kind, string place, Group row)
    {
        var found = Inspect([.. Sound, row]).Findings;
        Assert.Equal([DataFindingKind.FewPairs, kind], found.Select(f => f.Kind).Order().ToArray());
        var finding = found.Single(f => f.Kind == kind);
        Assert.Contains(place, finding.Message, StringComparison.Ordinal);
        Assert.NotEmpty(finding.Remedy);
    }

    private static DataInspection Inspect(Group[] rows, InspectionOptions? options = null) => Ml.Preferences.Inspect(View(rows), Fixtures.TinyChatml, options);

    private static IDataView View(IEnumerable<Group> rows) => Ml.Data.LoadFromEnumerable(rows);

    private static Group Pair(string prompt, string chosen, string rejected) => new() { Prompt = prompt, Responses = [chosen, rejected], Scores = [1, 0] };

    private static Group[] Rows(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => Pair(Words(random, 6), Words(random, random.Next(4, 12)), Words(random, random.Next(4, 12))))];
    }

    private static string Words(Random random, int count) =>
        string.Join(' ', Enumerable.Range(0, count).Select(_ => string.Concat(Enumerable.Range(0, random.Next(2, 4)).Select(_ => $"{"bdfgklmnprstvz"[random.Next(14)]}{"aeiou"[random.Next(5)]}"))));

    private sealed class Group
    {
        public string Prompt { get; set; } = "";

        public string[] Responses { get; set; } = [];

        public float[] Scores { get; set; } = [];
    }

    private sealed class Prompted
    {
        public string Prompt { get; set; } = "";
    }
}
