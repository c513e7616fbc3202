using System.Text.Json.Nodes;
using Xunit;

namespace MLNet.Dpo.Tests.Data.Records;

public class PreferenceRecordFuzzTests
{
    private static readonly string[] Records =
    [
        """{"conversations":[{"from":"system","value":"s"},{"from":"human","value":"x"},{"from":"function_call","value":"{\"name\":\"f\",\"name\":\"g\",\"arguments\":{}}"},{"from":"observation","value":"o"}],"system":"t","tools":[],"chosen":{"from":"gpt","value":"a"},"rejected":"b"}""",
        """{"messages":[{"role":"user","content":[{"type":"text","text":"u"}],"loss_weight":0},{"role":"assistant","chosen":"a","rejected":[{"role":"assistant","content":"b"}]}]}""",
        """{"messages":[{"role":"user","content":"u","extra":{"k":1}},{"role":"assistant","content":[{"text":"a","score":1,"lm_loss_mask":0},{"text":"b","score":2}]}]}""",
        """{"prompt":[{"role":"user","content":"u"}],"chosen":[{"role":"user","content":"u"},{"role":"assistant","content":"a"}],"rejected":[{"role":"user","content":"u"},{"role":"assistant","content":"b"}]}""",
        """{"chosen":"q a","rejected":"q b"}""",
        """{"instruction":"i","input":"j","system":"s","history":[["a","b"]],"output":"o"}""",
        """{"prompt":"q","responses":["a",{"role":"assistant","content":"b"}],"scores":[1,0]}""",
    ];

    private static readonly string[] Values =
        ["null", "0", "-1.5", "1e999", "true", "\"\"", "\"x\"", "\"user\"", "[]", "{}", "[[]]", "[null]", "{\"role\":\"assistant\"}", "\"[{\\\"role\\\":1,\\\"role\\\":2}]\"", "{\"content\":\"x\",\"text\":3}", "[{\"text\":\"t\"}]"];

    [Fact]
    public void Read_RecordsWithValuesSwapped_AreReadOrRefused()
    {
        var random = new Random(1);
        var refused = 0;
        for (var round = 0; round < 20_000; round++)
        {
            var record = JsonNode.Parse(Records[random.Next(Records.Length)])!;
            for (var i = random.Next(2); i >= 0; i--)
                Swap(record, random);
            var text = record.ToJsonString();
            // A key given twice, anywhere.
            if (random.Next(4) == 0)
                text = text.Replace("\"content\":", "\"content\":\"twice\",\"content\":");
            refused += IsRead(text) ? 0 : 1;
        }
        Assert.InRange(refused, 1, 19_999);
    }

    private static bool IsRead(string text)
    {
        try
        {
            var group = Texts.Read(text);
            Assert.Equal(group.ResponseCount, group.Scores.Count);
            Assert.NotEqual(group.Prompt.Length > 0, group.Messages.Length > 0);
            Assert.NotEqual(group.Responses.Count > 0, group.ResponseMessages.Count > 0);
            Assert.All(group.Responses, Assert.NotEmpty);
            return true;
        }
        catch (PreferenceDataException e)
        {
            Assert.StartsWith("'data.json', record 1, line 1: ", e.Message);
            Assert.DoesNotContain("surrogate", e.Message);
            return false;
        }
    }

    /// <summary>Puts another value in the place of a random node below the root.</summary>
    private static void Swap(JsonNode root, Random random)
    {
        var nodes = Below(root).ToList();
        if (nodes.Count > 0)
            nodes[random.Next(nodes.Count)](JsonNode.Parse(Values[random.Next(Values.Length)]));
    }

    private static IEnumerable<Action<JsonNode?>> Below(JsonNode? node) => node switch
    {
        JsonObject item => item.ToList().SelectMany(pair => Below(pair.Value).Prepend(value => item[pair.Key] = value)),
        JsonArray list => Enumerable.Range(0, list.Count).SelectMany(i => Below(list[i]).Prepend(value => list[i] = value)),
        _ => [],
    };
}
