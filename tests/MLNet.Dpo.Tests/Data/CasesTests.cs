using MLNet.Dpo.Data;
using Xunit;

namespace MLNet.Dpo.Tests.Data;

/// <summary>Files as people really have them: read whole, or refused with the place and the reason.</summary>
public sealed class CasesTests
{
    [SharedDataFact("cases/01-hh-strings")]
    public void Read_Transcripts_BecomeTurns()
    {
        var groups = Read("01-hh-strings/data.jsonl");
        Assert.Equal(("Which planet looks red?", "I think it is Mars.", "I think it is Venus."), (groups[0].Prompt, groups[0].Responses[0], groups[0].Responses[1]));
        Assert.Equal("""[{"role":"user","content":"Hello"},{"role":"assistant","content":"Hi! What can I do?"},{"role":"user","content":"Name a colour"}]""", groups[1].Messages);
        Assert.Equal(["Red.", "No."], groups[1].Responses);
    }

    [SharedDataFact("cases/02-prompt-null")]
    public void Read_PromptNull_NamesTheRow() => Refused("02-prompt-null/data.jsonl", 2, "'prompt' is null, and the answers are texts");

    [SharedDataFact("cases/05-rejected-response")]
    public void Read_RejectedResponseBesideMessages_IsAPair()
    {
        var groups = Read("05-rejected-response/data.jsonl");
        Assert.Equal(("Name a colour.", "Red.", "There are so many colours that I would not know."), (groups[0].Prompt, groups[0].Responses[0], groups[0].Responses[1]));
        Assert.Equal(["Apple.", "Fruit is a wide field."], groups[1].Responses);
    }

    [SharedDataFact("cases/06-alpaca-output-list")]
    public void Read_TwoOutputs_AreAPair()
    {
        var groups = Read("06-alpaca-output-list/data.json");
        Assert.Equal(["Red.", "There are so many colours."], groups[0].Responses);
        Assert.Equal([1f, 0f], groups[1].Scores);
    }

    [SharedDataFact("cases/07-function-call")]
    public void Read_UnknownRole_IsRefused() => Refused("07-function-call/two-calls.json", 1, "message 2 of 'messages' has the unknown role 'tool_call'; expected system,");

    [SharedDataFact("cases/09-null-filled")]
    public void Read_NullFilledKeys_AreAbsent()
    {
        Assert.Equal(
            """[{"role":"assistant","tool_calls":[{"type":"function","function":{"name":"weather","arguments":{"city":"Oslo"}}}]}]""",
            Assert.Single(Read("09-null-filled/data.jsonl")).ResponseMessages[0]);
        Assert.Equal(
            """[{"role":"assistant","content":"","tool_calls":[{"type":"function","function":{"name":"weather","arguments":{"city":"Oslo"}}}]}]""",
            Assert.Single(Read("09-null-filled/null-arguments.jsonl")).ResponseMessages[0]);
        Assert.Single(Read("09-null-filled/content-null.jsonl"));
        Assert.Single(Read("09-null-filled/content-empty.jsonl"));
    }

    [SharedDataFact("cases/15-json-text")]
    public void Read_MessagesAsJsonText_AreParsed()
    {
        var group = Assert.Single(Read("15-json-text/messages-as-text.jsonl"));
        Assert.Equal(("hi", "a", "b"), (group.Prompt, group.Responses[0], group.Responses[1]));
        group = Assert.Single(Read("15-json-text/messages-as-text-implicit.jsonl"));
        Assert.Equal(("hi", "aa", "b"), (group.Prompt, group.Responses[0], group.Responses[1]));
    }

    [SharedDataFact("cases/19-empty-or-blank")]
    public void Read_BlankAnswers_AreRefused()
    {
        Refused("19-empty-or-blank/data.jsonl", 1, "'rejected' is nothing but blanks");
        Refused("19-empty-or-blank/blank.jsonl", 1, "'rejected' is nothing but blanks");
        Refused("19-empty-or-blank/numbers.jsonl", 1, "'chosen' is the number 4");
        Refused("19-empty-or-blank/one-bad.jsonl", 2, "'rejected' is an empty text");
    }

    [SharedDataFact("cases/20-layouts")]
    public void Read_Layouts_AreReadWhole()
    {
        var group = Read("20-layouts/ultrafeedback-12.jsonl")[1];
        Assert.Equal(("Name a colour, number 1.", "Red.", "There are so many colours."), (group.Prompt, group.Responses[0], group.Responses[1]));
        Assert.Single(Read("20-layouts/ultrafeedback-without-messages.jsonl"));
        group = Assert.Single(Read("20-layouts/openai-preference.jsonl"));
        Assert.Equal(("Name a colour.", "Red.", "Hm, a colour."), (group.Prompt, group.Responses[0], group.Responses[1]));
        Assert.Equal("Shorten this.\nIt is raining outside now.", Assert.Single(Read("20-layouts/prompt-with-input.jsonl")).Prompt);
        Assert.Equal("""[{"role":"system","content":"Answer in French."},{"role":"user","content":"Name a colour."}]""", Assert.Single(Read("20-layouts/system-prompt-key.jsonl")).Messages);
    }

    private static PreferenceGroup[] Read(string name) => [.. new PreferenceReader(PreferenceFormat.Auto, false).Read([PreferenceFile.At(SharedData.PathTo($"cases/{name}"))])];

    private static void Refused(string name, int record, string what)
    {
        var e = Assert.Throws<PreferenceDataException>(() => Read(name));
        Assert.Equal(record, e.Record);
        Assert.Contains($": {what}", e.Message);
    }
}
