using System.Text.Json.Nodes;
using MLNet.Dpo.Data;
using MLNet.Dpo.Data.Records;
using Xunit;

namespace MLNet.Dpo.Tests.Data.Records;

/// <summary>Awkward rows and what TRL makes of them.</summary>
public class TrlGoldenTests
{
    private const string Fixture = "fixtures/preparation/dpo.json";

    [SharedDataFact(Fixture)]
    public void PromptLength_RowsWithImplicitPrompt_SplitAsTrlDoes_WhatIsReadAtAWord()
    {
        var sets = JsonNode.Parse(File.ReadAllText(SharedData.PathTo(Fixture)))!["sets"]!.AsArray();
        var checkedRows = 0;
        foreach (var set in sets.Where(set => ((string)set!["name"]!).Contains("implicit")))
            foreach (var (prepared, index) in set!["kept_rows"]!.AsArray().Select((row, i) => (set["prepared"]![i]!, (int)row!)))
            {
                var row = set["rows"]![index]!;
                if ((string?)row["chosen"]!.ToString() == "trailing space ")
                    continue; // TRL's index -1.
                var group = Texts.ReadAll(row.ToJsonString(), allowEmptyResponses: true, implicitPrompt: true).Single();
                if (row["chosen"] is JsonValue)
                {
                    // The stage that is held to TRL cuts anywhere; what is trained is cut at a word.
                    string chosen = (string)row["chosen"]!, prompt = group.Prompt;
                    Assert.Equal((string)prepared["prompt"]!, chosen[..CommonPrefix.PromptLength(chosen, (string)row["rejected"]!)]);
                    Assert.StartsWith(prompt, (string)prepared["prompt"]!);
                    Assert.Equal(chosen, prompt + group.Responses[0]);
                    Assert.True(prompt.Length == 0 || char.IsWhiteSpace(group.Responses[0][0]));
                    checkedRows++;
                    continue;
                }
                Assert.True(JsonNode.DeepEquals(AsMessages(prepared["prompt"]!, "user"), Prompt(group)));
                Assert.True(JsonNode.DeepEquals(AsMessages(prepared["chosen"]!, "assistant"), Response(group, 0)));
                Assert.True(JsonNode.DeepEquals(AsMessages(prepared["rejected"]!, "assistant"), Response(group, 1)));
                checkedRows++;
            }
        Assert.InRange(checkedRows, 10, 100);
    }

    [SharedDataFact(Fixture)]
    public void Read_EveryRow_IsTaken()
    {
        var sets = JsonNode.Parse(File.ReadAllText(SharedData.PathTo(Fixture)))!["sets"]!.AsArray();
        foreach (var set in sets)
            Assert.Equal(set!["rows"]!.AsArray().Count, Texts.ReadAll(set["rows"]!.ToJsonString(), allowEmptyResponses: true, implicitPrompt: true).Length);
    }

    private static JsonNode AsMessages(JsonNode golden, string role) => golden as JsonArray ?? Plain(role, ((string)golden!).Replace("<|im_end|>", ""));

    private static JsonNode? Prompt(PreferenceGroup group) => group.Messages.Length > 0 ? JsonNode.Parse(group.Messages) : Plain("user", group.Prompt);

    private static JsonNode? Response(PreferenceGroup group, int index) =>
        group.Responses.Count > 0 ? Plain("assistant", group.Responses[index]) : JsonNode.Parse(group.ResponseMessages[index]);

    private static JsonArray Plain(string role, string text) => [new JsonObject { ["role"] = role, ["content"] = text }];
}
