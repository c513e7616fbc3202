using MLNet.Dpo.Data;
using Xunit;

namespace MLNet.Dpo.Tests.Data.Records;

public sealed class MessagesTests
{
    [Fact]
    public void Read_PairInTheLastTurn_IsRead()
    {
        var groups = Texts.ReadAll("""
            {
              "messages": [
                {"role": "system", "content": "s"},
                {"role": "user", "content": "u"},
                {"role": "assistant", "chosen": "good", "rejected": "bad"}
              ]
            }{
              "messages": [
                {"role": "user", "content": "u"},
                {"role": "assistant", "chosen": "good", "rejected": "good"}
              ]
            }
            """);
        Assert.Equal("""[{"role": "system", "content": "s"},{"role": "user", "content": "u"}]""", groups[0].Messages);
        Assert.Equal(["good", "bad"], groups[0].Responses);
        Assert.Equal("u", groups[1].Prompt);
        Assert.Equal(["good", "good"], groups[1].Responses);
    }

    [Fact]
    public void Read_PairBesideTheMessages_IsRead() =>
        Assert.Equal(["a", "b"], Texts.Read("""{"messages":[{"role":"user","content":"u"}],"chosen":{"role":"assistant","content":"a"},"rejected":"b"}""").Responses);

    [Fact]
    public void Read_PlainExample_IsRead()
    {
        var group = Texts.Read("""{"messages":[{"role":"user","content":"u"},{"role":"assistant","content":"a"}]}""");
        Assert.Equal(("u", "a"), (group.Prompt, group.Responses.Single()));
    }

    [Fact]
    public void Read_OtherKeysOfMessages_AreKeptAndNullsLeftOut()
    {
        var group = Texts.Read("""{"messages":[{"content":"u","role":"user","name":"Ann","tool_calls":null},{"role":"assistant","content":null,"tool_calls":[{"id":"1"}]},{"role":"tool","content":"t"},{"role":"assistant","content":"a","reasoning_content":"r"}]}""");
        Assert.Equal("""[{"role":"user","content":"u","name":"Ann"},{"role":"assistant","tool_calls":[{"id":"1"}]},{"role":"tool","content":"t"}]""", group.Messages);
        Assert.Equal("""[{"role":"assistant","content":"a","reasoning_content":"r"}]""", group.ResponseMessages[0]);
    }

    [Fact]
    public void Read_MessagesInTemplateForm_AreTheSourcesOwnSlices()
    {
        const string first = """{"content": "Gr\u00fc\u00df", "role":"system" }""";
        const string second = """{ "role": "user", "content": "u", "extra": {"b": 1.50, "a": [1e2]}}""";
        var group = Texts.Read($$"""{"messages":[{{first}}, {{second}}],"chosen":"a","rejected":"b"}""");
        Assert.Equal($"[{first},{second}]", group.Messages);
    }

    [Fact]
    public void Read_KeysTwiceOrForeign_AreRewritten()
    {
        var group = Texts.Read("""{"messages":[{"role":"user","content":"u","n":1,"n":2},{"from":"gpt","value":"v","x":[]},{"role":"user","content":["a","b"],"loss_weight":0}],"chosen":"a","rejected":"b"}""");
        Assert.Equal("""[{"role":"user","content":"u","n":2},{"role":"assistant","content":"v","x":[]},{"role":"user","content":"ab"}]""", group.Messages);
    }

    [Fact]
    public void Read_HalfASurrogateInAnyKey_NamesTheRecord() =>
        Assert.StartsWith("record 1, line 1: a text has half of a surrogate pair", Texts.Error("""{"messages":[{"role":"user","content":"u","extra":{"k":["\ud83d"]}}],"chosen":"a","rejected":"b"}"""));

    [Fact]
    public void Read_TextThatLooksLikeMessages_StaysAText()
    {
        var group = Texts.Read("""{"messages":[{"role":"user","content":"[{\"role\":1}]"},{"role":"assistant","content":"[1, 2]"}]}""");
        Assert.Equal("""[{"role":1}]""", group.Prompt);
        Assert.Equal("[1, 2]", group.Responses[0]);
    }

    [Fact]
    public void Read_ScoredContents_GivesAllAnswersAndTheirPairs()
    {
        var group = Texts.Read("""
            {"messages":[
              {"role":"system","content":[{"text":"s"}],"loss_weight":0.0},
              {"role":"user","content":[{"text":"q1"}]},
              {"role":"assistant","content":[{"text":"a1"}],"loss_weight":1.0},
              {"role":"user","content":[{"text":"q2"}],"loss_weight":0},
              {"role":"assistant","content":[{"text":"x","score":0.5},{"text":"y","score":0.1},{"text":"z","score":1,"lm_loss_mask":0},{"text":"w","score":0.5}]}]}
            """);
        Assert.Equal("""[{"role":"system","content":"s"},{"role":"user","content":"q1"},{"role":"assistant","content":"a1"},{"role":"user","content":"q2"}]""", group.Messages);
        Assert.Equal(["x", "y", "z", "w"], group.Responses);
        Assert.Equal([0.5f, 0.1f, 1f, 0.5f], group.Scores);
        Assert.Equal([new(0, 1), new(2, 0), new(2, 1), new(2, 3), new(3, 1)], PreferencePair.FromScores([.. group.Scores]));
    }

    [Fact]
    public void Read_OneTextPartInTheLastTurn_IsAPlainExample() =>
        Assert.Equal(["ab"], Texts.Read("""{"messages":[{"role":"user","content":"u"},{"role":"assistant","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}]}""").Responses);

    [Theory]
    [InlineData("""{"role":"assistant","chosen":"a"}""", "'rejected' is missing; expected both 'chosen' and 'rejected': add it or remove the record")]
    [InlineData("""{"role":"assistant","content":[{"text":"a","score":1},{"text":"b"}]}""", "answer 2 has no score; expected a number")]
    [InlineData("""{"role":"assistant","content":[{"text":"a"},{"text":"b"}]}""", "answer 1 has no score; expected a number")]
    [InlineData("""{"role":"assistant","content":[{"text":"a","score":"high"}]}""", "answer 1 has the score 'high'; expected a number")]
    [InlineData("""{"role":"assistant","content":[{"text":"a","score":1e99}]}""", "answer 1 has a score that is the number 1e99; expected a number")]
    [InlineData("""{"role":"assistant","content":[{"score":1}]}""", "answer 1 has no 'text'; expected {\"text\", \"score\"}")]
    [InlineData("""{"role":"assistant","content":[{"text":"","score":1}]}""", "'answer 1' is an empty text; expected an answer: fill it, remove the record, or set AllowEmptyResponses")]
    [InlineData("""{"role":"user","content":[{"text":"a","score":1}]}""", "the last message, which has scored answers, is of 'user'; expected the assistant")]
    [InlineData("""{"role":"assistant","content":[{"text":"a","score":1,"lm_loss_mask":0.5}]}""", "answer 1 has 'lm_loss_mask' 0.5; expected 0 or 1")]
    [InlineData("""{"role":"assistant","content":[{"text":"a","score":1}],"loss_weight":1.5}""", "the last message has 'loss_weight' 1.5; expected a number from 0 to 1")]
    [InlineData("""{"role":"assistant","content":[{"type":"image_url","image_url":"x"}]}""", "the last message of 'messages' has a part of type \"image_url\", which is not supported yet; expected text alone")]
    public void Read_BadLastTurn_SaysWhatIsWrong(string last, string message) =>
        Assert.Equal($"record 1, line 1: {message}", Texts.Error($$"""{"messages":[{"role":"user","content":"u"},{{last}}]}"""));

    [Fact]
    public void Read_LossWeights_AreThoseOfTheMessagesOrTheUsualOnes()
    {
        const string messages = """{"role":"system","content":"s"},{"role":"user","content":"u"%},{"role":"assistant","content":"x"},{"role":"user","content":"y"}""";
        const string pair = """,{"role":"assistant","chosen":"a","rejected":"b"}""", scored = """,{"role":"assistant","content":[{"text":"a","score":1},{"text":"b","score":0,"lm_loss_mask":1}],"loss_weight":0.2}""";
        Assert.Empty(Read("", pair).LossWeights);
        Assert.Equal([0, 0.25f, 1, 0], Read(""", "loss_weight": 0.25""", pair).LossWeights);
        Assert.Empty(Read("", pair).LmLossMasks);
        Assert.Equal([0, 0, 1, 0], Read("", scored).LossWeights);
        Assert.Equal([0, 1], Read("", scored).LmLossMasks);
        Assert.DoesNotContain("loss_weight", Read(""", "loss_weight": 0.25""", scored).Messages, StringComparison.Ordinal);
        Assert.Equal((false, true), (Read("", pair).WeighsLastTurn, Read("", scored).WeighsLastTurn));

        static PreferenceGroup Read(string weight, string last) => Texts.Read($$"""{"messages":[{{messages.Replace("%", weight, StringComparison.Ordinal)}}{{last}}]}""");
    }

    [Theory]
    [InlineData("-0.1")]
    [InlineData("1.01")]
    [InlineData("\"1\"")]
    public void Read_LossWeightOutsideTheRange_IsAnError(string weight) =>
        Assert.Equal($"record 1, line 1: message 1 of 'messages' has 'loss_weight' {weight}; expected a number from 0 to 1",
            Texts.Error($$"""{"messages":[{"role":"user","content":"u","loss_weight":{{weight}}},{"role":"assistant","chosen":"a","rejected":"b"}]}"""));

    [Fact]
    public void Read_SeveralTextsBeforeTheLastTurn_AreAnError() =>
        Assert.Equal("record 1, line 1: message 1 of 'messages' has a content of 2 texts; expected one ([{\"text\": \"...\"}]): only the last message may have several answers",
            Texts.Error("""{"messages":[{"role":"user","content":[{"text":"u"},{"text":"v"}]},{"role":"assistant","chosen":"a","rejected":"b"}]}"""));

    [Fact]
    public void Read_Kto_IsNamed() =>
        Assert.Equal("record 1, line 1: this is KTO data (single answers, each with a true or false 'label'), which is not supported yet; expected pairs of 'chosen' and 'rejected' answers",
            Texts.Error("""{"messages":[{"role":"user","content":"u"},{"role":"assistant","content":"a"}],"label":true}"""));
}
