using Xunit;

namespace MLNet.Dpo.Tests.Data.Records;

/// <summary>Layouts under their many names, and texts beside them.</summary>
public sealed class LayoutTests
{
    private const string Conversation = """[{"role":"user","content":"q"},{"role":"assistant","content":"good"}]""";
    private const string Other = """[{"role":"user","content":"q"},{"role":"assistant","content":"bad"}]""";

    [Theory]
    [InlineData("""{"system":"","question":"q","chosen":"good","rejected":"bad","id":"flan.1"}""")]
    [InlineData("""{"prompt":"q","chosen_response":"good","rejected_response":"bad"}""")]
    [InlineData("""{"input":"q","chosen":"good","rejected":"bad","generations":["bad","good"],"rating":[1,2],"labelling_model":"m","rationale":"why"}""")]
    [InlineData("""{"instruction":"q","output":["good","bad"]}""")]
    [InlineData("""{"query":"q","response":"good","rejected_response":"bad","history":null}""")]
    [InlineData($$"""{"prompt":"q","chosen":{{Conversation}},"rejected":{{Other}},"messages":{{Conversation}},"score_chosen":8}""")]
    [InlineData($$"""{"chosen":{{Conversation}},"rejected":{{Other}},"messages":{{Conversation}}}""")]
    [InlineData($$"""{"instruction":"q","chosen":{{Conversation}},"rejected":{{Other}}}""")]
    [InlineData($$"""{"chosen_conversations":{{Conversation}},"rejected_conversations":{{Other}}}""")]
    [InlineData($$"""{"messages":{{Conversation}},"rejected_messages":{{Other}}}""")]
    [InlineData($$"""{"messages":[{"role":"user","content":"q"}],"chosen":{{Conversation}},"rejected":{{Other}}}""")]
    [InlineData("""{"messages":"[{\"role\":\"user\",\"content\":\"q\"}]","chosen":"good","rejected":"bad"}""")]
    [InlineData("""{"prompt":"q","completion":null,"responses":["good","bad"],"scores":[1,0]}""")]
    [InlineData("""{"instruction":"q","completions":[{"response":"good","overall_score":7.5,"critique":"fine","model":"m"},{"response":"bad","overall_score":2}],"models":["m"],"source":"s"}""")]
    [InlineData("""{"chosen":"Human: q\n\nAssistant: good","rejected":"Human: q\n\nAssistant: bad"}""")]
    [InlineData("""{"prompt":"\n\nHuman: q\n\nAssistant:","chosen":"\n\nHuman: q\n\nAssistant: good","rejected":"\n\nHuman: q\n\nAssistant: bad"}""")]
    public void Read_AnyLayout_GivesThePair(string json)
    {
        var group = Texts.Read(json);
        Assert.Equal("q", group.Prompt);
        Assert.Equal(["good", "bad"], group.Responses);
        Assert.True(group.Scores[0] > group.Scores[1]);
    }

    [Theory]
    [InlineData("""{"system":"s","question":"q","chosen":"a","rejected":"b"}""")]
    [InlineData("""{"system_prompt":"s","instruction":"q","chosen":"a","rejected":"b"}""")]
    [InlineData("""{"system":"s","system_prompt":"s","messages":[{"role":"user","content":"q"}],"rejected_response":"b","chosen_response":"a"}""")]
    [InlineData("""{"system":"s","chosen":[{"role":"user","content":"q"},{"role":"assistant","content":"a"}],"rejected":[{"role":"user","content":"q"},{"role":"assistant","content":"b"}]}""")]
    public void Read_SystemText_GoesFirst(string json) =>
        Assert.Equal("""[{"role":"system","content":"s"},{"role":"user","content":"q"}]""", Texts.Read(json).Messages);

    [Theory]
    [InlineData("""{"prompt":"q","context":"it rains","chosen":"a","rejected":"b"}""", "the text of 'context' would be lost, since no known layout has this key beside the others; rename or remove it, or name it in IgnoredKeys")]
    [InlineData("""{"prompt":"q","instruction":"r","chosen":"a","rejected":"b","note":["x"]}""", "the text of 'instruction', 'note' would be lost")]
    [InlineData("""{"prompt":"q","messages":[{"role":"system","content":"s"},{"role":"user","content":"q"}],"chosen":"a","rejected":"b"}""", "the text of 'messages' would be lost")]
    [InlineData("""{"system":"s","system_prompt":"t","prompt":"q","chosen":"a","rejected":"b"}""", "'system' and 'system_prompt' are different texts")]
    [InlineData("""{"system":"s","messages":[{"role":"system","content":"t"},{"role":"user","content":"q"}],"chosen":"a","rejected":"b"}""", "the conversation has a system message, and the record another system text beside it")]
    [InlineData("""{"prompt":"z","chosen":[{"role":"user","content":"q"},{"role":"assistant","content":"a"}],"rejected":[{"role":"user","content":"q"},{"role":"assistant","content":"b"}]}""", "the prompt is not what both answers' messages begin with")]
    [InlineData("""{"prompt":"What is the capital?","chosen":"What is the capital? Oslo.","rejected":"What is the capital? Rome."}""", "both answers begin with the whole prompt")]
    [InlineData("""{"prompt":"q","chosen":"[{'role': 'assistant', 'content': 'a'}]","rejected":"b"}""", "'chosen' is a list of messages as Python prints it")]
    [InlineData("""{"instruction":"q","output":["a","b","c"]}""", "'output' is a list of 3; expected one answer, or a list of two, the better one first")]
    [InlineData("""{"messages":[{"role":"user","content":"q"},{"role":"assistant","content":"x","chosen":"a","rejected":"b"}]}""", "the last message has 'chosen' and 'rejected', and a content that is a text")]
    [InlineData("""{"messages":[{"role":"user","content":"q","value":"r"}],"chosen":"a","rejected":"b"}""", "message 1 of 'messages' has both 'content' and 'value', which differ")]
    [InlineData("""{"input":{"messages":[{"role":"user","content":"q"}],"tools":[{"type":"function"}]},"tools":[{"type":"function"}],"preferred_output":"a","non_preferred_output":"b"}""", "'tools' stands beside 'input' and in it; expected it in one place")]
    [InlineData("""{"conversations":[{"from":"user","value":"hi"},{"from":"chatgpt","value":"x"},{"from":"user","value":"q"}],"chosen":"a","rejected":"b"}""", "message 2 of 'conversations' has the unknown role 'chatgpt'; expected system")]
    [InlineData("""{"chosen":"The sea is blue.","rejected":"The sea is green."}""", "'prompt' is missing, and the answers are texts, which do not say where it ends; expected a prompt: add it, or set ImplicitPrompt")]
    public void Read_TextThatWouldBeLost_IsRefused(string json, string message) => Assert.StartsWith($"record 1, line 1: {message}", Texts.Error(json));
}
