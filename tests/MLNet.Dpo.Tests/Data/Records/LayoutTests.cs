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
    [InlineData("""{"source":"s","instruction":"q","models":["m","n"],"completions":[{"annotations":{"honesty":{"Rating":"4","Rationale":"r"}},"custom_system_prompt":"be good","fine-grained_score":4.25,"overall_score":8,"model":"m","principle":"honesty","critique":"c","response":"good"},{"annotations":{"honesty":{"Rating":"2","Rationale":"r"}},"custom_system_prompt":"be bad","fine-grained_score":4.5,"overall_score":3,"model":"n","principle":"honesty","critique":"c","response":"bad"}],"correct_answers":["None"],"incorrect_answers":["None"]}""")]
    [InlineData("""{"instruction":"q","completions":[{"response":"good","fine-grained_score":4.25,"overall_score":null},{"response":"bad","fine-grained_score":"2.5","overall_score":9}]}""")]
    [InlineData("""{"instruction":"q","completions":[{"response":"good","annotations":{"helpfulness":[{"Rating":"5","Type":"x"}],"honesty":{"Rating":"N/A"}}},{"response":"bad","annotations":{"helpfulness":[{"Rating":"2"}],"honesty":{"Rating":"4"}}}]}""")]
    [InlineData("""{"prompt":"q","completions":["good","bad"],"ratings":["5","1"]}""")]
    [InlineData("""{"instruction":"q","generations":["good","bad"],"ratings":[5,1],"rationales":["x","y"],"model_name":"m","distilabel_metadata":{"raw_output":"z"}}""")]
    [InlineData("""{"input":"q","generations":["good","bad"],"rating":["2.0","1.0"],"generation_model":["m","n"]}""")]
    [InlineData("""{"question":"q","response_j":"good","response_k":"bad","qid":12,"date":"2020-01-01"}""")]
    [InlineData("""{"source":"s","prompt":"q","chosen":[{"role":"user","content":"q"},{"role":"assistant","content":"good"}],"chosen-rating":5,"chosen-model":"m","rejected":[{"role":"user","content":"q"},{"role":"assistant","content":"bad"}],"rejected-rating":"2","rejected-model":"n"}""")]
    [InlineData("""{"instruction":"q","chosen_response":"good","rejected_response":"bad","chosen_avg_rating":"4.5","rejected_avg_rating":2,"chosen_model":"m"}""")]
    [InlineData("""{"chosen_conversations":[{"from":"human","value":"q"},{"from":"gpt","value":"good"}],"rejected_conversations":[{"from":"human","value":"q"},{"from":"gpt","value":"bad"}],"count":"12"}""")]
    [InlineData("""{"prompt":"q","responses":"[\"good\",\"bad\"]","scores":"[1, 0]"}""")]
    public void Read_AnyLayout_GivesThePair(string json)
    {
        var group = Texts.Read(json);
        Assert.Equal("q", group.Prompt);
        Assert.Equal(["good", "bad"], group.Responses);
        Assert.True(group.Scores[0] > group.Scores[1]);
    }

    [Theory]
    [InlineData(" ")]
    [InlineData("\\n\\u200b")]
    public void Read_BlankPrompt_IsAMessageAsAnEmptyOneIs(string prompt)
    {
        var group = Texts.Read($$"""{"prompt":"{{prompt}}","chosen":"a","rejected":"b"}""");
        Assert.Equal("", group.Prompt);
        Assert.StartsWith("""[{"role":"user",""", group.PromptKey);
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
    [InlineData("""{"instruction":"q","completions":[{"response":"a","overall_score":1,"hint":"lost"},{"response":"b","overall_score":2}]}""", "completion 1 has 'hint', a text, which would be lost")]
    [InlineData("""{"instruction":"q","completions":[{"response":"a","overall_score":1},{"response":"b","score":2}]}""", "completion 1 has 'overall_score', the number 1, but not every completion has it as a number")]
    [InlineData("""{"instruction":"q","completions":[{"response":"a"},{"response":"b"}]}""", "completion 1 has no score; expected the same one of")]
    [InlineData("""{"prompt":"q","responses":["a","b"],"scores":["1","high"]}""", "response 2 has the score 'high'; expected a number")]
    [InlineData("""{"prompt":"q","chosen":"a","rejected":"b","model_answer":"c"}""", "the text of 'model_answer' would be lost")]
    [InlineData("""{"chosen":"Human: q\n\nAssistant: a\n\nHuman: thanks","rejected":"Human: q\n\nAssistant: b\n\nHuman: thanks"}""", "'chosen' ends with a message of 'user', which would be trained as part of the answer")]
    [InlineData("""{"messages":[{"role":"user","content":"q"}],"chosen":[{"role":"assistant","content":"a"},{"role":"user","content":"r"}],"rejected":"b"}""", "'chosen' ends with a message of 'user'")]
    public void Read_TextThatWouldBeLost_IsRefused(string json, string message) => Assert.StartsWith($"record 1, line 1: {message}", Texts.Error(json));

    [Theory]
    [InlineData("""{"history":"q","human_ref_A":"x","human_ref_B":"y","labels":1,"score_A":3,"score_B":1}""", "'human_ref_A' and 'human_ref_B' are two answers, and which is the better one is said by 'labels', 'score_A', 'score_B'")]
    [InlineData("""{"prompt":"q","response_0":"x","response_1":"y","better_response_id":1,"is_response_0_safe":true}""", "'response_0' and 'response_1' are two answers, and which is the better one is said by 'better_response_id'")]
    [InlineData("""{"model_a":"m","model_b":"n","winner":"model_a","conversation_a":[{"role":"user","content":"q"},{"role":"assistant","content":"x"}],"conversation_b":[{"role":"user","content":"q"},{"role":"assistant","content":"y"}]}""", "'conversation_a' and 'conversation_b' are two answers, and which is the better one is said by 'winner'")]
    [InlineData("""{"prompt":"[\"q\"]","response_a":"[\"x\"]","response_b":"[\"y\"]","winner_model_a":1,"winner_tie":0}""", "'response_a' and 'response_b' are two answers, and which is the better one is said by 'winner_model_a', 'winner_tie'")]
    [InlineData("""{"context":[{"role":"user","content":"q"}],"response1":"x","response2":"y","overall_preference":-2}""", "'response1' and 'response2' are two answers, and which is the better one is said by 'overall_preference'")]
    [InlineData("""{"question":{"full_text":"q"},"answer_0":"x","answer_1":"y","score_0":1,"score_1":-1}""", "'answer_0' and 'answer_1' are two answers, and which is the better one is said by 'score_0', 'score_1'")]
    [InlineData("""{"instruction":"q","output_1":"x","output_2":"y","preference":1}""", "'output_1' and 'output_2' are two answers, and which is the better one is said by 'preference'")]
    [InlineData("""{"instruction":"q","input":"","answer_A":"x","answer_B":"y"}""", "'answer_A' and 'answer_B' are two answers, and nothing says which is the better one")]
    [InlineData("""{"prompt":"q","answers":[{"answer":"x","rank":1},{"answer":"y","rank":2}]}""", "'answers' is a list of answers with ranks")]
    public void Read_AnswersWithAVerdict_SaysHowToWriteThem(string json, string message)
    {
        var error = Texts.Error(json);
        Assert.StartsWith($"record 1, line 1: {message}", error);
        Assert.Contains("expected the better answer as 'chosen' and the other as 'rejected', or both as 'responses' with their 'scores'", error);
    }
}
