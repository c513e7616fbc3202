using System.Text;
using MLNet.Dpo.Experiments;
using MLNet.Dpo.ExtensionsAI;
using MLNet.Dpo.Reporting;
using MLNet.Dpo.Sampling;

namespace MLNet.Dpo.Fuzz;

// Files that the library writes while one works with models.
internal static partial class Samples
{
    private const string Conversation = """[{"role":"user","content":"q\nr","name":"n"}]""";

    /// <summary>What a sampling is asked.</summary>
    public static IReadOnlyList<SamplePrompt> Asked { get; } = [new("p", ""), new("", Conversation)];

    /// <summary>Answers that a person marks.</summary>
    public static IReadOnlyList<(string Name, PromptSamples Samples)> ToMark { get; } =
    [
        ("text", new PromptSamples("q\n|x", "", ["yes\n# no", "no", "yes\n# no"]) { Sources = ["a", "a", "b"] }),
        ("messages", new PromptSamples("", Conversation, ["é\u0001", "😀"])),
    ];

    /// <summary>A schema with every keyword that completions can be held to.</summary>
    public static string Schema => """{"type":"object","title":"t","properties":{"a":{"type":["string","null"],"minLength":1,"maxLength":9},"b":{"anyOf":[{"const":"é😀"},{"enum":[1,2.5,true]}]},"c":{"items":{"type":"number"},"minItems":1,"maxItems":2}},"required":["a"],"additionalProperties":{"type":"integer"}}""";

    /// <summary>Answers with tool calls, as each family writes them.</summary>
    public static IReadOnlyList<(string Name, ToolCallFormat Format, string Answer)> ToolCalls { get; } =
    [
        ("tagged", ToolCallFormat.Tagged, "Well.\n<tool_call>\n{\"name\": \"f\", \"arguments\": {\"a\": 1}}\n</tool_call>\n<tool_call>{\"name\": \"g\", \"arguments\": \"{}\"}</tool_call>"),
        ("listed", ToolCallFormat.Listed, "[TOOL_CALLS][{\"name\": \"f\", \"arguments\": {\"a\": \"b\"}, \"id\": \"123456789\"}]"),
        ("named", ToolCallFormat.Listed, "[TOOL_CALLS]f[ARGS]{\"a\": 2}[TOOL_CALLS]g{}"),
        ("bare", ToolCallFormat.Bare, "<|python_tag|>{\"name\": \"f\", \"parameters\": {\"a\": [true, null]}}"),
    ];

    public static SamplingOptions Sampling(string path) => new() { Path = path, SamplesPerPrompt = 2, Seed = 7 };

    public static byte[] Answers() => Made(folder =>
    {
        var path = Path.Combine(folder, "samples.jsonl");
        using (var store = SampleStore.Open(Sampling(path), Asked))
        {
            var source = new Silent();
            store.Begin(source);
            for (var i = 0; i < 4; i++) store.Add(source.Name, new SampledAnswer(i / 2, i % 2, i < 3 ? $"answer {i}" : "answer 2"));
        }
        return path;
    });

    public static byte[] Sheet(PromptSamples samples) =>
        Encoding.UTF8.GetBytes(new MarkSheet(1, samples).Write().Replace("A[1]:", "+ A[1]:", StringComparison.Ordinal).Replace("A[2]:", "- A[2]:", StringComparison.Ordinal));

    public static byte[] Metrics() => "{\"step\":1,\"loss\":0.5,\"lr\":1E-05}\n{\"step\":2,\"loss\":0.25}\n{\"step\":2,\"eval_loss\":0.5,\"eval_rewards/accuracies\":0.75}\n"u8.ToArray();

    public static byte[] Run() => Made(folder =>
    {
        new RunRecord(
            new Dictionary<string, string> { ["Beta"] = "0.1", ["MaxLength"] = "512", ["LearningRate"] = "1E-05" },
            new Dictionary<string, string> { [RunRecord.Rows] = "8", [RunRecord.Used] = "7", [RunRecord.Truncated] = "3", ["validation rows"] = "2" },
            [new SampledPrompt("p", "before", "after é")]).Write(folder);
        return Path.Combine(folder, RunRecord.Name);
    });

    public static byte[] Sweep() => Made(folder =>
    {
        var mean = new MeanEstimate(1, 0.5, double.NaN, 3);
        var result = new ModelResult("m", 0.1, new PreferenceMetrics(0.5, 0.25, 0.625, 1, 0.75, 4, 1), mean, mean, 0.5, new Dictionary<string, MeanEstimate> { ["length"] = mean }, ["a", "é"]) { Step = 3 };
        new SweepRecord(new() { ["Beta"] = "0.1" }, "judged by", result).Write(folder);
        return Path.Combine(folder, SweepRecord.FileName);
    });

    private static byte[] Made(Func<string, string> make)
    {
        var folder = Readers.NewFolder();
        try
        {
            return File.ReadAllBytes(make(folder));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private sealed class Silent() : SampleSource("source")
    {
        public override string Settings => "temperature 1";

        public override Task AnswerAsync(SampleRequest request, Action<SampledAnswer> answered, CancellationToken cancellation) => Task.CompletedTask;
    }
}
