using System.Text.Json.Nodes;
using MLNet.Dpo.Data.Records;
using Xunit;

namespace MLNet.Dpo.Tests.Data.Records;

/// <summary>Awkward rows and what TRL makes of them.</summary>
public class TrlGoldenTests
{
    private const string Fixture = "fixtures/preparation/dpo.json";

    [SharedDataFact(Fixture)]
    public void Read_RowsWithImplicitPrompt_SplitAsTrlDoes()
    {
        var sets = JsonNode.Parse(File.ReadAllText(SharedData.PathTo(Fixture)))!["sets"]!.AsArray();
        var checkedRows = 0;
        foreach (var set in sets.Where(set => ((string)set!["name"]!).Contains("implicit")))
            foreach (var (prepared, index) in set!["kept_rows"]!.AsArray().Select((row, i) => (set["prepared"]![i]!, (int)row!)))
            {
                var row = set["rows"]![index]!;
                if ((string?)row["chosen"]!.ToString() == "trailing space ")
                    continue; // TRL's index -1.
                var group = Texts.Read(row.ToJsonString());
                Assert.Equal(Prompt(prepared["prompt"]!), group.Prompt);
                Assert.Equal([Answer(prepared["chosen"]!), Answer(prepared["rejected"]!)], group.Responses);
                checkedRows++;
            }
        Assert.InRange(checkedRows, 10, 100);
    }

    [SharedDataFact(Fixture)]
    public void Read_EveryRow_IsTaken()
    {
        var sets = JsonNode.Parse(File.ReadAllText(SharedData.PathTo(Fixture)))!["sets"]!.AsArray();
        foreach (var set in sets)
            Assert.Equal(set!["rows"]!.AsArray().Count, Texts.ReadAll(set["rows"]!.ToJsonString(), allowEmptyResponses: true).Length);
    }

    private static string Prompt(JsonNode prompt) => prompt is JsonArray messages ? MessageText.OfPrompt([.. messages.Select(message => message!.AsObject())]) : (string)prompt!;

    private static string Answer(JsonNode answer) => answer is JsonArray messages
        ? MessageText.OfResponse([.. messages.Select(message => message!.AsObject())])
        : ((string)answer!).Replace("<|im_end|>", "");
}
