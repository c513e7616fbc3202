using Xunit;

namespace MLNet.Dpo.Tests.Data.Records;

public sealed class ShareGptTests
{
    [Fact]
    public void Read_Pair_GivesPlainTexts()
    {
        var group = Texts.Read("""[{"conversations":[{"from":"human","value":"hi!"}],"chosen":{"from":"gpt","value":"hi!"},"rejected":{"from":"gpt","value":"I am an AI."}}]""");
        Assert.Equal("hi!", group.Prompt);
        Assert.Equal(["hi!", "I am an AI."], group.Responses);
        Assert.Equal([1f, 0f], group.Scores);
    }

    [Fact]
    public void Read_AnswersAsTexts_AreTaken() =>
        Assert.Equal(["a", "b"], Texts.Read("""{"conversations":[{"from":"human","value":"x"}],"chosen":"a","rejected":"b"}""").Responses);

    [Fact]
    public void Read_SystemAndTurns_GivesMessages()
    {
        var group = Texts.Read("""
            {"conversations":[{"from":"human","value":"你好"},{"from":"gpt","value":"Hello"},{"from":"human","value":"bye"}],
             "system":"Be brief.","tools":[],"chosen":{"from":"gpt","value":"a"},"rejected":{"from":"gpt","value":"b"}}
            """);
        Assert.Equal("""[{"role":"system","content":"Be brief."},{"role":"user","content":"你好"},{"role":"assistant","content":"Hello"},{"role":"user","content":"bye"}]""", group.Messages);
    }

    [Fact]
    public void Read_SystemTurnAndTheSameSystemField_CountsOnce() =>
        Assert.Equal("""[{"role":"system","content":"turn"},{"role":"user","content":"x"}]""",
            Texts.Read("""{"conversations":[{"from":"system","value":"turn"},{"from":"human","value":"x"}],"system":"turn","chosen":"a","rejected":"b"}""").Messages);

    [Fact]
    public void Read_ToolTurns_BecomeToolCallsAndToolMessages()
    {
        var group = Texts.Read("""
            {"conversations":[{"from":"human","value":"weather?"},{"from":"function_call","value":"{\"name\":\"get\",\"arguments\":{\"city\":\"Ulm\"}}"},{"from":"observation","value":"rain"}],
             "chosen":"a","rejected":"b"}
            """);
        Assert.Equal("""[{"role":"user","content":"weather?"},{"role":"assistant","content":"","tool_calls":[{"type":"function","function":{"name":"get","arguments":{"city":"Ulm"}}}]},{"role":"tool","content":"rain"}]""", group.Messages);
    }

    [Fact]
    public void Read_ToolCallAsAnswer_StaysAMessage()
    {
        var group = Texts.Read("""{"conversations":[{"from":"human","value":"x"}],"chosen":{"from":"function_call","value":"[{\"name\":\"f\"}]"},"rejected":{"from":"gpt","value":"b"}}""");
        Assert.Equal("""[{"role":"assistant","content":"","tool_calls":[{"type":"function","function":{"name":"f","arguments":{}}}]}]""", group.ResponseMessages[0]);
        Assert.Equal("""[{"role":"assistant","content":"b"}]""", group.ResponseMessages[1]);
        Assert.Empty(group.Responses);
    }

    [Fact]
    public void Read_PlainExample_TheLastTurnIsTheAnswer()
    {
        var group = Texts.Read("""{"conversations":[{"from":"human","value":"x"},{"from":"gpt","value":"y"}],"system":""}""");
        Assert.Equal("x", group.Prompt);
        Assert.Equal(["y"], group.Responses);
        Assert.Equal([1f], group.Scores);
    }

    [Theory]
    [InlineData("""{"conversations":[{"from":"human","value":"x"}],"chosen":"a"}""", "record 1, line 1: 'rejected' is missing; expected both 'chosen' and 'rejected': add it or remove the record")]
    [InlineData("""{"conversations":[{"from":"human","value":"x"}],"rejected":"a","chosen":null}""", "record 1, line 1: 'chosen' is missing; expected both 'chosen' and 'rejected': add it or remove the record")]
    [InlineData("""{"conversations":[{"from":"human","value":"x"}],"chosen":"","rejected":"b"}""", "record 1, line 1: 'chosen' is an empty text; expected an answer: fill it, remove the record, or set AllowEmptyResponses")]
    [InlineData("""{"conversations":[{"from":"human","value":"x"}],"chosen":3,"rejected":"b"}""", "record 1, line 1: 'chosen' is the number 3; expected an answer: a text, a message or a list of messages")]
    [InlineData("""{"conversations":[{"from":"human","value":"x"}],"chosen":[],"rejected":"b"}""", "record 1, line 1: 'chosen' is an empty list; expected an answer: a text, a message or a list of messages")]
    [InlineData("""{"conversations":[{"from":"human","value":"x"}],"chosen":{"from":"human","value":"a"},"rejected":"b"}""", "record 1, line 1: 'chosen' begins with a message of 'user'; expected the assistant's (the prompt belongs in the prompt alone, or at the beginning of both answers)")]
    [InlineData("""{"conversations":[],"chosen":"a","rejected":"b"}""", "record 1, line 1: 'conversations' is an empty list; expected a list of messages")]
    [InlineData("""{"conversations":"x","chosen":"a","rejected":"b"}""", "record 1, line 1: 'conversations' is a text; expected a list of messages")]
    [InlineData("""{"conversations":["x"],"chosen":"a","rejected":"b"}""", "record 1, line 1: message 1 of 'conversations' is a text; expected an object with a role and a content")]
    [InlineData("""{"conversations":[{"value":"x"}],"chosen":"a","rejected":"b"}""", "record 1, line 1: message 1 of 'conversations' has neither 'role' nor 'from'; expected {\"role\", \"content\"} or {\"from\", \"value\"}")]
    [InlineData("""{"conversations":[{"from":"human"}],"chosen":"a","rejected":"b"}""", "record 1, line 1: message 1 of 'conversations' has no 'content'; expected a text")]
    [InlineData("""{"conversations":[{"from":"human","value":7}],"chosen":"a","rejected":"b"}""", "record 1, line 1: message 1 of 'conversations' has a content that is the number 7; expected a text")]
    [InlineData("""{"conversations":[{"from":"human","value":"x"},{"from":"gpt","value":"y"}],"chosen":"a","rejected":"b"}""", "record 1, line 1: the conversation ends with the assistant's turn, yet 'chosen' and 'rejected' follow; expected a user's (or tool's) turn before them")]
    [InlineData("""{"conversations":[{"from":"human","value":"x"}]}""", "record 1, line 1: 'chosen' and 'rejected' are missing, and the last message is of 'user'; expected a pair of answers, or a last message of the assistant")]
    [InlineData("""{"conversations":[{"from":"gpt","value":"x"}]}""", "record 1, line 1: there is no prompt: no message comes before the answer; expected at least a user's message")]
    [InlineData("""{"conversations":[{"from":"function_call","value":"search"},{"from":"human","value":"x"}],"chosen":"a","rejected":"b"}""", "record 1, line 1: message 1 of 'conversations' is a function_call whose text is not a call; expected JSON with a name and arguments: {\"name\", \"arguments\"}")]
    [InlineData("""{"conversations":[{"from":"human","value":"x"}],"chosen":"a","rejected":"b","tools":["f"]}""", "record 1, line 1: 'tools' has an item that is a text; expected an object such as {\"type\": \"function\", \"function\": {\"name\", \"parameters\"}}")]
    [InlineData("""{"conversations":[{"from":"human","value":"\ud83d"}],"chosen":"a","rejected":"b"}""", "record 1, line 1: a text has half of a surrogate pair (an escape such as \\ud83d alone); write the character itself")]
    public void Read_BadRecord_SaysWhatIsWrong(string json, string message) => Assert.Equal(message, Texts.Error(json));

    [Fact]
    public void Read_MixedKinds_AreBothRead()
    {
        const string pair = """{"conversations":[{"from":"human","value":"x"}],"chosen":"a","rejected":"b"}""";
        const string example = """{"conversations":[{"from":"human","value":"x"},{"from":"gpt","value":"y"}]}""";
        Assert.Equal([2, 1], Texts.ReadAll(pair + "\n" + example).Select(group => group.ResponseCount));
        Assert.Equal([1, 2], Texts.ReadAll(example + "\n\n" + pair).Select(group => group.ResponseCount));
    }
}
