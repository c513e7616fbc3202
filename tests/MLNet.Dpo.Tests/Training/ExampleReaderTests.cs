using Microsoft.ML;
using MLNet.Dpo.Training;
using Xunit;

namespace MLNet.Dpo.Tests.Training;

public sealed class ExampleReaderTests
{
    private static readonly MLContext Ml = new(seed: 1);

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

    private sealed class Row
    {
        public int[] PromptTokens { get; set; } = [];

        public int[] ResponseTokens { get; set; } = [];

        public int[] ResponseLengths { get; set; } = [];

        public float[] Scores { get; set; } = [];
    }
}
