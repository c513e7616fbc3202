using System.Text.Json.Nodes;
using Microsoft.ML;
using Xunit;

namespace MLNet.Dpo.Tests.DataViews;

/// <summary>Views as JSONL: every type, and preference data that load back as they were.</summary>
public sealed class JsonLinesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _ml = new(seed: 1);

    private string File => _folder["out.jsonl"];

    [Fact]
    public void SaveJsonLines_EveryType_IsWhatJsonHasForIt()
    {
        var data = _ml.Data.LoadFromEnumerable(new[] { new All { Text = "é\n\u2028\"<", Keyed = "b" }, new All { Number = float.NaN, Keyed = "a", Vector = [] } });
        data = _ml.Transforms.Conversion.MapValueToKey("Key", "Keyed", keyOrdinality: Microsoft.ML.Transforms.ValueToKeyMappingEstimator.KeyOrdinality.ByValue).Fit(data).Transform(data);
        Assert.Equal(2, _ml.Preferences.SaveJsonLines(data, File));
        var rows = System.IO.File.ReadAllText(File).Split('\n')[..^1].Select(line => JsonNode.Parse(line)!).ToList();
        Assert.Equal("é\n\u2028\"<", (string)rows[0]["Text"]!);
        Assert.Equal("""[0.1,1.5,-9007199254740993,true,[1,2],["x",""],"b","01:02:03"]""",
            new JsonArray([.. new[] { "Number", "Double", "Long", "Bool", "Vector", "Texts", "Key", "Span" }.Select(name => rows[0][name]!.DeepClone())]).ToJsonString());
        Assert.Equal("2026-01-02T03:04:05", (string)rows[0]["Date"]!);
        Assert.Null(rows[1]["Number"]);
        Assert.Empty(rows[1]["Vector"]!.AsArray());
        Assert.DoesNotContain(_folder.Names(), name => name != "out.jsonl");
    }

    [Fact]
    public void SaveJsonLines_WhatJsonCannotSay_IsAnErrorAndTheOldFileStays()
    {
        System.IO.File.WriteAllText(File, "old");
        foreach (var (row, expected) in new[] { (new All { Number = float.PositiveInfinity }, "Row 0: Number is infinite, which JSON has no number for; replace it first."), (new All { Text = "\ud83d" }, "Row 0: Text has half of a surrogate pair") })
            Assert.StartsWith(expected, Assert.Throws<PreferenceDataException>(() => _ml.Preferences.SaveJsonLines(_ml.Data.LoadFromEnumerable([row]), File)).Message);
        Assert.Equal("old", System.IO.File.ReadAllText(File));
    }

    [Fact]
    public void SaveJsonLines_Groups_LoadBackAsTheyWere()
    {
        var source = _folder.Write("in.jsonl", string.Join('\n',
            """{"prompt": "hi!", "responses": ["Hi!", "[1] see", "Human: x\n\nAssistant: y"], "scores": [1, 0.1, -2.5]}""",
            """{"prompt": [{"role": "user", "content": "[{\"role\": \"user\", \"content\": \"nested\"}]"}], "responses": ["{\"role\":\"assistant\",\"content\":\"x\"}", "b"], "scores": [2, 1]}""",
            """{"prompt": [{"role": "system", "content": "Be brief."}, {"role":"user", "content":"你好"}], "chosen": [{"role":"assistant","content":"", "tool_calls": [{"type":"function"}]}], "rejected": [{"role":"assistant","content":"b"}]}""",
            "{\"prompt\": [{\"role\": \"system\",\n \"content\": \"two lines\"}, {\"role\": \"user\", \"content\": \"\\ud83d\\ude00\"}], \"chosen\": \"c\", \"rejected\": \"d\"}",
            """{"conversations": [{"from": "human", "value": "hi!"}, {"from": "gpt", "value": "Hi!"}, {"from": "human", "value": "and?"}], "chosen": {"from": "gpt", "value": "So."}, "rejected": {"from": "gpt", "value": "And so on."}}"""));
        var data = _ml.Preferences.Load(source);
        Assert.Equal(5, _ml.Preferences.SaveJsonLines(data, File));
        Assert.Equal(5, System.IO.File.ReadAllLines(File).Length);
        Assert.Equal(Rows(data), Rows(_ml.Preferences.Load(File)));
        foreach (var fixture in new[] { "train.jsonl" })
        {
            data = _ml.Preferences.Load(Fixtures.PathTo("trajectories", fixture));
            _ml.Preferences.SaveJsonLines(data, File);
            Assert.Equal(Rows(data), Rows(_ml.Preferences.Load(File)));
        }
    }

    [Fact]
    public void SaveJsonLines_PairsOfOnesOwn_LoadAsTheSamePairs()
    {
        var pairs = new[]
        {
            new Pair { Prompt = "hi!", Chosen = "Hi!", Rejected = "Hello." },
            new Pair { Prompt = "[1, 2]", Chosen = "[1]", Rejected = """[{"role":"assistant","content":"x"}]""" },
            new Pair { Prompt = "go on with the following", Chosen = "go on with the following: a", Rejected = "go on with the following: b" },
            new Pair { Prompt = "x", Chosen = "Human: a\n\nAssistant: b", Rejected = "Human: a\n\nAssistant: c" },
        };
        _ml.Preferences.SaveJsonLines(_ml.Data.LoadFromEnumerable(pairs), File);
        Assert.Equal("""{"prompt":"hi!","chosen":"Hi!","rejected":"Hello."}""", System.IO.File.ReadLines(File).First());
        Assert.Equal(pairs.Select(p => $"{p.Prompt}|{p.Chosen}|{p.Rejected}"), _ml.Data.CreateEnumerable<Group>(_ml.Preferences.Load(File), false).Select(g => $"{g.Prompt}|{g.Responses[0]}|{g.Responses[1]}"));
    }

    [Fact]
    public void SaveJsonLines_Marked_LoadsBack()
    {
        _ml.Preferences.WriteSamples([new PromptSamples("hi!", "", ["a", "b"]) { Sources = ["base", "tuned"] }], _folder["sheets"]);
        var sheet = Path.Combine(_folder["sheets"], "00001.txt");
        System.IO.File.WriteAllText(sheet, System.IO.File.ReadAllText(sheet).Replace("\nA[1]", "\n+A[1]").Replace("\nA[2]", "\n-A[2]"));
        var marked = _ml.Preferences.ReadMarked(_folder["sheets"]);
        _ml.Preferences.SaveJsonLines(marked, File);
        Assert.Equal(Rows(marked), Rows(_ml.Preferences.Load(File)));
        Assert.Equal("""["base","tuned"]""", JsonNode.Parse(System.IO.File.ReadAllText(File))!["sources"]!.ToJsonString());
    }

    public void Dispose() => _folder.Dispose();

    private List<string> Rows(IDataView data) => [.. _ml.Data.CreateEnumerable<Group>(data, false, ignoreMissingColumns: true)
        .Select(g => string.Join("~", [g.Prompt, g.Messages, g.PromptKey, .. g.Responses, "", .. g.ResponseMessages, "", .. g.Scores.Select(s => s.ToString("R"))]))];

    private sealed class All
    {
        public string Text { get; set; } = "";
        public float Number { get; set; } = 0.1f;
        public double Double { get; set; } = 1.5;
        public long Long { get; set; } = -9007199254740993;
        public bool Bool { get; set; } = true;
        public float[] Vector { get; set; } = [1, 2];
        public string[] Texts { get; set; } = ["x", ""];
        public string Keyed { get; set; } = "";
        public DateTime Date { get; set; } = new(2026, 1, 2, 3, 4, 5);
        public TimeSpan Span { get; set; } = new(1, 2, 3);
    }

    private sealed class Pair
    {
        public string Prompt { get; set; } = "";
        public string Chosen { get; set; } = "";
        public string Rejected { get; set; } = "";
    }

    private sealed class Group
    {
        public string Prompt { get; set; } = "";
        public string Messages { get; set; } = "";
        public string PromptKey { get; set; } = "";
        public string[] Responses { get; set; } = [];
        public string[] ResponseMessages { get; set; } = [];
        public float[] Scores { get; set; } = [];
    }
}
