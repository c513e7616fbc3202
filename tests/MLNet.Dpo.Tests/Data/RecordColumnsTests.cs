using MLNet.Dpo.Data;
using Xunit;

namespace MLNet.Dpo.Tests.Data;

/// <summary>Which key holds what, said by the user.</summary>
public sealed class RecordColumnsTests
{
    private static readonly RecordColumns German = new() { Prompt = "frage", Chosen = "gut", Rejected = "schlecht" };

    [Theory]
    [InlineData("data.jsonl", """{"frage":"q","gut":"a","schlecht":"b","id":1}""")]
    [InlineData("data.jsonl", """{"frage":[{"role":"user","content":"q"}],"gut":[{"role":"assistant","content":"a"}],"schlecht":[{"role":"assistant","content":"b"}]}""")]
    [InlineData("data.csv", "schlecht,frage,gut\r\nb,q,a\r\n")]
    [InlineData("data.tsv", "schlecht\tfrage\tgut\nb\tq\ta")]
    public void Read_NamedKeys_AreTaken(string name, string text)
    {
        var group = Assert.Single(Read(German, text, name));
        Assert.Equal(("q", "a", "b"), (group.Prompt, group.Responses[0], group.Responses[1]));
    }

    [Theory]
    [InlineData("data.jsonl", """{"frage":"q","gut":"a"}""", "record 1, line 1: the key 'schlecht', which Columns.Rejected names, is missing; it has the keys 'frage', 'gut'")]
    [InlineData("data.csv", "frage,gut\nq,a", "record 1, line 2: the key 'schlecht', which Columns.Rejected names, is missing; it has the keys 'frage', 'gut'")]
    [InlineData("data.jsonl", """{"frage":"q","gut":null,"schlecht":"b"}""", "record 1, line 1: 'chosen' is missing; expected both 'chosen' and 'rejected': add it or remove the record (by Columns 'prompt' is the key 'frage', 'chosen' is the key 'gut', 'rejected' is the key 'schlecht')")]
    [InlineData("data.jsonl", """{"frage":"q","gut":"a","schlecht":"b","chosen":"x"}""", "record 1, line 1: the text of 'chosen' would be lost")]
    public void Read_KeysThatDoNotFit_SaysWhichAreThere(string name, string text, string message) =>
        Assert.StartsWith($"'{name}', {message}", Assert.Throws<PreferenceDataException>(() => Read(German, text, name)).Message);

    [Fact]
    public void Read_ANamedKey_GoesBeforeTheUsualNames()
    {
        var group = Assert.Single(Read(new() { Chosen = "rejected", Rejected = "chosen" }, """{"prompt":"q","chosen":"worse","rejected":"better"}"""));
        Assert.Equal(["better", "worse"], group.Responses);
        var other = Assert.Single(Read(new() { Prompt = "question", System = "role" }, """{"question":"q","role":"s","chosen":"a","rejected":"b","system_prompt":null}"""));
        Assert.Equal("""[{"role":"system","content":"s"},{"role":"user","content":"q"}]""", other.Messages);
    }

    [Fact]
    public void Read_EveryKind_CanBeNamed()
    {
        Assert.Equal(["x", "y"], Assert.Single(Read(new() { Prompt = "p", Responses = "r", Scores = "s" }, """{"p":"q","r":["x","y"],"s":["1","2.5"]}""")).Responses);
        Assert.Equal(["a"], Assert.Single(Read(new() { Prompt = "p", Completion = "c" }, """{"p":"q","c":"a"}""")).Responses);
        Assert.Equal(["a", "b"], Assert.Single(Read(new() { Messages = "dialog", Rejected = "bad", Chosen = "good" }, """{"dialog":[{"role":"user","content":"q"}],"good":"a","bad":"b"}""")).Responses);
        Assert.Equal("q\ni", Assert.Single(Read(new() { Prompt = "task", Input = "about" }, """{"task":"q","about":"i","chosen":"a","rejected":"b"}""")).Prompt);
        Assert.Equal(3, Assert.Single(Read(new() { Prompt = "task", History = "past" }, """{"task":"q","past":[["x","y"]],"chosen":"a","rejected":"b"}""", format: PreferenceFormat.Alpaca)).Messages.Split("role").Length - 1);
    }

    [Fact]
    public void Options_ThatContradict_AreRefused()
    {
        Assert.StartsWith("Columns.Prompt is an empty text", Refused(new() { Prompt = "" }));
        Assert.StartsWith("Columns.Chosen and Columns.Rejected are both 'x'", Refused(new() { Chosen = "x", Rejected = "x" }));
        Assert.StartsWith("Columns.Chosen is set alone", Refused(new() { Chosen = "x" }));
        Assert.StartsWith("Columns.Scores is set alone", Refused(new() { Scores = "x" }));
    }

    private static string Refused(RecordColumns columns) => Assert.Throws<ArgumentException>(() => new PreferenceLoader(new PreferenceLoader.Options { Columns = columns })).Message;

    private static PreferenceGroup[] Read(RecordColumns columns, string text, string name = "data.jsonl", PreferenceFormat format = PreferenceFormat.Auto) =>
        [.. new PreferenceReader(format, false) { Columns = columns }.Read([Texts.File(text, name)])];
}
