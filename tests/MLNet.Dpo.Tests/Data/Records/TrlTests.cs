using Xunit;

namespace MLNet.Dpo.Tests.Data.Records;

public sealed class TrlTests
{
    private const string User = """{"role":"user","content":"q"}""";
    private const string Good = """{"role":"assistant","content":"good"}""";
    private const string Bad = """{"role":"assistant","content":"bad"}""";

    [Fact]
    public void Read_Texts_AreTakenAsTheyAre()
    {
        var group = Texts.Read("""{"prompt":"Q: sky? A:","chosen":" blue","rejected":" green"}""");
        Assert.Equal("Q: sky? A:", group.Prompt);
        Assert.Equal([" blue", " green"], group.Responses);
    }

    [Fact]
    public void Read_EmptyPromptText_IsAMessage() => Assert.Equal("""[{"role":"user","content":""}]""", Texts.Read("""{"prompt":"","chosen":"a","rejected":"b"}""").Messages);

    [Theory]
    [InlineData($"{{\"prompt\":[{User}],\"chosen\":[{Good}],\"rejected\":[{Bad}]}}")]
    [InlineData($"{{\"prompt\":[{User}],\"chosen\":[{User},{Good}],\"rejected\":[{User},{Bad}]}}")]
    [InlineData($"{{\"prompt\":\"q\",\"chosen\":[{User},{Good}],\"rejected\":[{User},{Bad}]}}")]
    [InlineData($"{{\"prompt\":\"q\",\"chosen\":[{Good}],\"rejected\":[{Bad}]}}")]
    [InlineData($"{{\"prompt\":[{User}],\"chosen\":\"good\",\"rejected\":\"bad\"}}")]
    [InlineData($"{{\"chosen\":[{User},{Good}],\"rejected\":[{User},{Bad}]}}")]
    [InlineData($"{{\"prompt\":null,\"chosen\":[{User},{Good}],\"rejected\":[{User},{Bad}]}}")]
    [InlineData($"{{\"prompt\":\"q\",\"chosen\":\"good\",\"rejected\":\"bad\",\"label\":true,\"score_chosen\":7}}")]
    [InlineData($"{{\"question\":\"q\",\"system\":\"\",\"chosen\":\"good\",\"rejected\":\"bad\"}}")]
    public void Read_PromptInAnyShape_CountsOnce(string json)
    {
        var group = Texts.Read(json);
        Assert.Equal("q", group.Prompt);
        Assert.Equal(["good", "bad"], group.Responses);
    }

    [Fact]
    public void Read_ImplicitConversation_SplitsAtTheFirstDifference()
    {
        var group = Texts.Read("""
            {"chosen":[{"role":"user","content":"a"},{"role":"assistant","content":"b"},{"role":"user","content":"c"},{"role":"assistant","content":"d"}],
             "rejected":[{"role":"user","content":"a"},{"role":"assistant","content":"x"},{"role":"user","content":"c"},{"role":"assistant","content":"e"}]}
            """);
        Assert.Equal("a", group.Prompt);
        Assert.Equal("""[{"role":"assistant","content":"b"},{"role":"user","content":"c"},{"role":"assistant","content":"d"}]""", group.ResponseMessages[0]);
        Assert.Equal("""[{"role":"assistant","content":"x"},{"role":"user","content":"c"},{"role":"assistant","content":"e"}]""", group.ResponseMessages[1]);
    }

    [Fact]
    public void Read_SameConversationTwice_TheLastMessageIsTheAnswer()
    {
        var group = Texts.Read($"{{\"chosen\":[{User},{Good}],\"rejected\":[{User},{Good}]}}");
        Assert.Equal(("q", "good", "good"), (group.Prompt, group.Responses[0], group.Responses[1]));
    }

    [Theory]
    [InlineData("Q: sky? A: blue", "Q: sky? A: green", "Q: sky? A:", " blue", " green")]
    [InlineData("Say hi", "Say ho", "Say", " hi", " ho")]
    [InlineData("one two", "one two three", "one", " two", " two three")]
    [InlineData("a b\n\nc", "a b\n\nd", "a b", "\n\nc", "\n\nd")]
    [InlineData("same", "same", "", "same", "same")]
    [InlineData("different", "from the start", "", "different", "from the start")]
    [InlineData(" a", " b", "", " a", " b")]
    [InlineData("ok 😀", "ok 😁", "ok", " 😀", " 😁")]
    [InlineData("x😀", "x😀y", "", "x😀", "x😀y")]
    public void Read_ImplicitTextOnRequest_SplitsAtAWord(string chosen, string rejected, string prompt, string chosenPart, string rejectedPart)
    {
        var record = new System.Text.Json.Nodes.JsonObject { ["chosen"] = chosen, ["rejected"] = rejected }.ToJsonString();
        var group = Texts.ReadAll(record, implicitPrompt: true).Single();
        Assert.Equal((prompt, chosenPart, rejectedPart), (group.Prompt, group.Responses[0], group.Responses[1]));
        Assert.Equal(prompt.Length == 0, group.Messages.Length > 0);
    }

    [Fact]
    public void Read_PromptAndCompletion_IsAPlainExample()
    {
        Assert.Equal(["a"], Texts.Read("""{"prompt":"q","completion":"a"}""").Responses);
        Assert.Equal(["good"], Texts.Read($"{{\"prompt\":[{User}],\"completion\":[{Good}]}}").Responses);
    }

    [Fact]
    public void Read_AllowEmptyResponses_TakesThem() =>
        Assert.Equal("", Texts.ReadAll("""{"prompt":"q","chosen":"","rejected":"b"}""", allowEmptyResponses: true).Single().Responses[0]);

    [Theory]
    [InlineData("""{"prompt":"q","chosen":"a"}""", "'rejected' is missing; expected both 'chosen' and 'rejected': add it or remove the record")]
    [InlineData("""{"prompt":"q"}""", "'chosen' and 'rejected' are missing; expected both answers beside the prompt: add them or remove the record")]
    [InlineData("""{"prompt":"q","chosen":"a","rejected":[{"role":"assistant","content":"b"}]}""", "of 'chosen' and 'rejected' one is a text and the other messages; expected both alike")]
    [InlineData("""{"prompt":5,"chosen":"a","rejected":"b"}""", "'prompt' is the number 5; expected a text or a list of messages")]
    [InlineData("""{"prompt":[],"chosen":"a","rejected":"b"}""", "'prompt' is an empty list; expected a text or a list of messages")]
    [InlineData("""{"prompt":"q","chosen":"","rejected":"b"}""", "'chosen' is an empty text; expected an answer: fill it, remove the record, or set AllowEmptyResponses")]
    [InlineData("""{"chosen":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}],"rejected":[{"role":"user","content":"c"},{"role":"assistant","content":"d"}]}""", "'prompt' is missing, and 'chosen' and 'rejected' have no common first message; expected a prompt, or answers that both begin with it")]
    [InlineData("""{"prompt":[{"role":"user","content":"z"}],"chosen":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}],"rejected":[{"role":"user","content":"a"},{"role":"assistant","content":"d"}]}""", "'chosen' begins with a message of 'user'; expected the assistant's (the prompt belongs in the prompt alone, or at the beginning of both answers)")]
    public void Read_BadRecord_SaysWhatIsWrong(string json, string message) => Assert.Equal($"record 1, line 1: {message}", Texts.Error(json));
}
