using Microsoft.ML;
using MLNet.Dpo.Training;
using Xunit;

namespace MLNet.Dpo.Tests.Training;

public sealed class ExampleReaderTests
{
    private static readonly MLContext Ml = new(seed: 1);

    /// <summary>A template that leaves out what was thought.</summary>
    private const string ThoughtCutter =
        "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content.split('</think>')[-1] }}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

    private static IDataView Rows { get; } = Ml.Data.LoadFromEnumerable<Row>(
    [
        new() { PromptTokens = [1, 2], ResponseTokens = [3, 4, 5], ResponseLengths = [1, 2], Scores = [1, 0] },
        new() { PromptTokens = [1, 2], ResponseTokens = [3, 4, 5, 6], ResponseLengths = [1, 1, 2], Scores = [7, 2, 7] },
        new() { PromptTokens = [1, 2], ResponseTokens = [3, 4], ResponseLengths = [2], Scores = [0] },
    ]);

    [Fact]
    public void Read_WithoutPairs_TakesTheBestResponsesOfEachRow()
    {
        var examples = ExampleReader.Read(Rows, maxLength: 8, needsPairs: false).Examples;
        Assert.Equal<int[][]>([[[3]], [[3], [5, 6]], [[3, 4]]], [.. examples.Select(e => e.Responses)]);
    }

    [Fact]
    public void Read_WithPairs_TakesAllResponsesOfRowsThatHavePairs()
    {
        var set = ExampleReader.Read(Rows, maxLength: 8, needsPairs: true);
        Assert.Equal<int[][]>([[[3], [4, 5]], [[3], [4], [5, 6]]], [.. set.Examples.Select(e => e.Responses)]);
        Assert.Equal(1, set.Truncation.DroppedWithoutPairs);
    }

    [Fact]
    public void Read_ResponsesThatSayNothing_AreNotTrainedOnAndCounted()
    {
        var data = Ml.Data.LoadFromEnumerable<Row>(
        [
            new() { PromptTokens = [1], ResponseTokens = [3, 4, 3, 4], ResponseLengths = [2, 2], Scores = [1, 0] },
            new() { PromptTokens = [1], ResponseTokens = [3, 4, 5, 3, 4, 6], ResponseLengths = [3, 3], Scores = [1, 0] },
            new() { PromptTokens = [1], ResponseTokens = [3], ResponseLengths = [1, 0], Scores = [1, 0] },
            new() { PromptTokens = [], ResponseTokens = [3, 4, 5], ResponseLengths = [1, 2], Scores = [1, 0] },
            new() { PromptTokens = [1], ResponseTokens = [3, 3, 4], ResponseLengths = [1, 1, 1], Scores = [2, 1, 0] },
        ]);
        var set = ExampleReader.Read(data, maxLength: 3, needsPairs: true);
        Assert.Equal([new(0, 2), new(1, 2)], Assert.Single(set.Examples).Pairs);
        Assert.Equal(new TruncationSummary(5, 0, 0, 0, DroppedSayingNothing: 4, LeftOut: 1), set.Truncation);
        Assert.Equal(
            "5 rows read, 1 used, 0 with a response cut at MaxLength, 0 dropped for a prompt that fills MaxLength, 0 dropped without two differently scored responses, "
            + "4 dropped with responses that are equal or empty once rendered and cut, 1 such pairs or responses left out of rows that have others", set.Truncation.ToString());
        Assert.Equal(1, ExampleReader.Read(data, maxLength: 3, needsPairs: false).Truncation.DroppedSayingNothing);
    }

    [Fact]
    public void Read_KeepEnd_CutsFrontsAndCountsThem()
    {
        var data = Ml.Data.LoadFromEnumerable<Row>(
        [
            new() { PromptTokens = [1, 2, 3, 4], ResponseTokens = [5, 6, 7, 8, 9, 10], ResponseLengths = [2, 4], Scores = [1, 0] },
            new() { PromptTokens = [1, 2, 3, 4], ResponseTokens = [5, 6, 7, 8, 9, 10], ResponseLengths = [1, 5], Scores = [1, 0] },
            new() { PromptTokens = [1], ResponseTokens = [5, 6], ResponseLengths = [1, 1], Scores = [1, 0] },
        ]);
        var set = ExampleReader.Read(data, maxLength: 4, needsPairs: true, mode: TruncationMode.KeepEnd);
        Assert.Equal([[2, 4], [1, 4], null], set.Examples.Select(e => e.PromptStarts));
        Assert.Equal<int[][]>([[[5, 6], [7, 8, 9, 10]], [[5], [7, 8, 9, 10]], [[5], [6]]], [.. set.Examples.Select(e => e.Responses)]);
        Assert.Equal(new TruncationSummary(3, 1, 0, 0, CutPrompts: 2), set.Truncation);
        Assert.EndsWith(", 2 with a prompt cut at its front, which run it once for each response", set.Truncation.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_PromptThatIsNoPrefix_IsCounted()
    {
        var data = Ml.Data.LoadFromEnumerable<Pair>([new() { Prompt = "The ans", Chosen = "wer is four", Rejected = "wering is hard" }, new() { Prompt = "hi", Chosen = " you", Rejected = " all" }]);
        var tokenized = Ml.Preferences.Tokenize(Fixtures.TinyChatml, new PreferenceTokenizingEstimator.Options { ApplyChatTemplate = false }).Fit(data).Transform(data);
        var prefixes = Ml.Data.CreateEnumerable<Prefix>(tokenized, reuseRowObject: false).Select(row => row.PromptIsPrefix).ToList();
        Assert.Contains(false, prefixes);
        var summary = ExampleReader.Read(tokenized, maxLength: 64, needsPairs: true).Truncation;
        Assert.Equal(prefixes.Count(prefix => !prefix), summary.PromptsNoPrefix);
        Assert.Contains("is no beginning of prompt and response together", summary.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_ThousandsOfResponses_AreAnErrorBeforeTheirPairsAreMade()
    {
        int[] ones = [.. Enumerable.Repeat(1, 5000)];
        var data = Ml.Data.LoadFromEnumerable<Row>([new() { PromptTokens = [1], ResponseTokens = ones, ResponseLengths = ones, Scores = [.. Enumerable.Range(0, 5000).Select(i => (float)i)] }]);
        Assert.Contains("5000 responses", Assert.Throws<PreferenceDataException>(() => ExampleReader.Read(data, 8, needsPairs: true)).Message, StringComparison.Ordinal);
        Assert.Single(ExampleReader.Read(data, 8, needsPairs: false).Examples);
    }

    [Theory]
    [InlineData("-1 3")]
    [InlineData("1 1")]
    [InlineData("2147483647 2147483647 4")]
    public void Read_LengthsThatDoNotAddUp_AreAnError(string lengths)
    {
        var data = Ml.Data.LoadFromEnumerable<Row>([new() { PromptTokens = [1], ResponseTokens = [2, 3, 4], ResponseLengths = [.. lengths.Split(' ').Select(int.Parse)], Scores = [1, 0] }]);
        Assert.Contains("3 tokens", Assert.Throws<PreferenceDataException>(() => ExampleReader.Read(data, 8, needsPairs: true)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("18-identical/data.jsonl", 512, 1, 1)]
    [InlineData("12-truncation/data.jsonl", 30, 1, 1)]
    [InlineData("10-think-blocks/thought-only.jsonl", 512, 0, 1)]
    public void Read_PairsThatSayNothing_AreDropped(string name, int maxLength, int used, int dropped)
    {
        var path = SharedData.PathTo($"cases/{name}");
        if (!File.Exists(path)) return;
        var options = new PreferenceTokenizingEstimator.Options { ChatTemplate = name.StartsWith("10") ? ThoughtCutter : null };
        var data = Ml.Preferences.Load(path);
        var set = ExampleReader.Read(Ml.Preferences.Tokenize(Fixtures.TinyChatml, options).Fit(data).Transform(data), maxLength, needsPairs: true);
        Assert.Equal((used, dropped), (set.Examples.Count, set.Truncation.DroppedSayingNothing));
    }

    [Fact]
    public void Read_BlankAnswersOnceRendered_AreDropped()
    {
        var data = Ml.Data.LoadFromEnumerable<Pair>([new() { Prompt = "hi", Chosen = "Hi!", Rejected = " \n" }, new() { Prompt = "hi", Chosen = "Hi!", Rejected = "No" }, new() { Prompt = "hi", Chosen = "", Rejected = "No" }]);
        var set = ExampleReader.Read(Ml.Preferences.Tokenize(Fixtures.TinyChatml).Fit(data).Transform(data), 512, needsPairs: true);
        Assert.Equal((1, 2), (set.Examples.Count, set.Truncation.DroppedSayingNothing));
    }

    private sealed class Pair
    {
        public string Prompt { get; set; } = "";

        public string Chosen { get; set; } = "";

        public string Rejected { get; set; } = "";
    }

    private sealed class Prefix
    {
        public bool PromptIsPrefix { get; set; }
    }

    private sealed class Row
    {
        public int[] PromptTokens { get; set; } = [];

        public int[] ResponseTokens { get; set; } = [];

        public int[] ResponseLengths { get; set; } = [];

        public float[] Scores { get; set; } = [];
    }

    [Fact]
    public void Read_WithALanguageModelLoss_TakesMasksWeightsAndRowsWithoutPairs()
    {
        using var folder = new TemporaryFolder();
        var data = Ml.Preferences.Load(folder.Write("rows.jsonl", """
            {"messages":[{"role":"user","content":"q"},{"role":"assistant","content":"old"},{"role":"user","content":"r"},{"role":"assistant","content":[{"text":"a","score":1},{"text":"b","score":0,"lm_loss_mask":1}]}]}
            {"messages":[{"role":"user","content":"q"},{"role":"assistant","content":"plain"}]}
            {"messages":[{"role":"user","content":"q"},{"role":"assistant","content":[{"text":"alone","score":1}]}]}
            """));
        var tokens = Ml.Preferences.Tokenize(Fixtures.TinyChatml).Fit(data).Transform(data);
        var with = ExampleReader.Read(tokens, 64, needsPairs: true, learnsText: true);
        Assert.Equal([0f, 1], with.Examples[0].LmWeights!);
        var tokenizer = HuggingFaceTokenizer.Load(Fixtures.TinyChatml);
        Assert.Equal("old<|im_end|>", tokenizer.Decode(with.Examples[0].Prompt.Where((_, i) => with.Examples[0].PromptWeights![i] == 1), skipSpecialTokens: false));
        Assert.Equal([1f], with.Examples[1].LmWeights!);
        Assert.Equal((2, 1, 1), (with.Examples.Count, with.Truncation.RowsWithoutPairs, with.Truncation.DroppedWithoutPairs)); // the last has a mask, of 0

        var without = ExampleReader.Read(tokens, 64, needsPairs: true);
        Assert.Null(Assert.Single(without.Examples).PromptWeights);
        Assert.Equal(2, without.Truncation.DroppedWithoutPairs);
    }
}
