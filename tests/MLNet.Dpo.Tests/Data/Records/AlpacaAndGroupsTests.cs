using MLNet.Dpo.Data;
using Xunit;

namespace MLNet.Dpo.Tests.Data.Records;

public sealed class AlpacaAndGroupsTests
{
    [Theory]
    [InlineData("""{"instruction":"Add.","input":"1 2","output":"3"}""", "Add.\n1 2")]
    [InlineData("""{"instruction":"Add.","input":"","output":"3"}""", "Add.")]
    [InlineData("""{"instruction":"Add.","output":"3"}""", "Add.")]
    [InlineData("""{"instruction":"Add.","output":"3","system":"s","history":[["a","b"]]}""", """[{"role":"system","content":"s"},{"role":"user","content":"a"},{"role":"assistant","content":"b"},{"role":"user","content":"Add."}]""")]
    public void Read_AlpacaExample_JoinsInstructionAndInput(string json, string prompt)
    {
        var group = Texts.Read(json);
        Assert.Equal(prompt, group.Prompt + group.Messages);
        Assert.Equal(["3"], group.Responses);
    }

    [Fact]
    public void Read_AlpacaPair_IsRead() => Assert.Equal(["a", "b"], Texts.Read("""{"instruction":"x","chosen":"a","rejected":"b"}""").Responses);

    [Theory]
    [InlineData("""{"instruction":"x"}""", "'output' is missing; expected 'output', or both 'chosen' and 'rejected', beside 'instruction'")]
    [InlineData("""{"instruction":"x","output":" \u200b\n"}""", "'output' is nothing but blanks; expected an answer: fill it, remove the record, or set AllowEmptyResponses")]
    [InlineData("""{"instruction":"x","output":""}""", "'output' is an empty text; expected an answer: fill it, remove the record, or set AllowEmptyResponses")]
    [InlineData("""{"instruction":["x"],"output":"y"}""", "'instruction' is a list; expected a text")]
    [InlineData("""{"instruction":"x","output":"y","history":[["a"]]}""", "'history' has a turn that is not [instruction, answer], two texts")]
    public void Read_BadAlpaca_SaysWhatIsWrong(string json, string message) => Assert.Equal($"record 1, line 1: {message}", Texts.Error(json));

    [Fact]
    public void Read_Group_IsRead()
    {
        var groups = Texts.ReadAll("""
            {"prompt":"q","responses":["a","b","c"],"scores":[1,1,0]}
            {"prompt":[{"role":"user","content":"q"}],"responses":[{"role":"assistant","content":"a"}],"scores":[2.5]}
            """);
        Assert.Equal(["a", "b", "c"], groups[0].Responses);
        Assert.Equal([new(0, 2), new(1, 2)], PreferencePair.FromScores([.. groups[0].Scores]));
        Assert.Equal(("q", "a", 2.5f), (groups[1].Prompt, groups[1].Responses[0], groups[1].Scores[0]));
    }

    [Theory]
    [InlineData("""{"responses":["a"],"scores":[1]}""", "'prompt' is missing; expected a text or a list of messages")]
    [InlineData("""{"prompt":"q","responses":["a"],"scores":[1,2]}""", "there are 1 responses and 2 scores; expected one score for each response")]
    [InlineData("""{"prompt":"q","responses":["a"]}""", "'scores' is missing; expected a list with at least one item")]
    [InlineData("""{"prompt":"q","responses":[],"scores":[]}""", "'responses' is an empty list; expected a list with at least one item")]
    [InlineData("""{"prompt":"q","responses":["a"],"scores":[true]}""", "response 1 has a score that is true; expected a number")]
    public void Read_BadGroup_SaysWhatIsWrong(string json, string message) => Assert.Equal($"record 1, line 1: {message}", Texts.Error(json));
}
