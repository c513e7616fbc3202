using System.Text.Json.Nodes;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Dpo.Models;
using Xunit;
using static TorchSharp.torch;

namespace MLNet.Dpo.Tests.Sampling;

/// <summary>Sampling into a file: nothing is lost or repeated, whatever breaks off.</summary>
public sealed class SamplingTests : IDisposable
{
    private static readonly string[] Prompts = ["hi!", "thanks", "what is two plus two?", "bye"];

    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _ml = new(seed: 1);
    private readonly TransformerChain<CausalLMTransformer> _model;

    public SamplingTests() => _model = _ml.Preferences.LoadPretrained(Fixtures.Llama, Fixtures.TinyChatml);

    private static GenerationOptions Warm => new() { MaxNewTokens = 5, Temperature = 1, BatchSize = 7 };

    private string File => _folder["samples.jsonl"];

    [Fact]
    public void Sample_CutAtAnyByteAndResumed_EndsWithTheUnbrokenFile()
    {
        var unbroken = Run(File);
        var whole = System.IO.File.ReadAllBytes(File);
        var random = new Random(1);
        foreach (var length in Enumerable.Range(0, 12).Select(_ => random.Next(whole.Length)).Append(whole.Length - 1).Append(whole.Length))
        {
            var cut = _folder[$"cut{length}.jsonl"];
            System.IO.File.WriteAllBytes(cut, whole[..length]);
            var reports = new List<SamplingProgress>();
            var resumed = Run(cut, reports);
            Assert.Equal(whole, System.IO.File.ReadAllBytes(cut));
            Assert.Equal(unbroken.Select(s => s.Responses), resumed.Select(s => s.Responses));
            Assert.All(reports.TakeLast(1), last => Assert.Equal((24, 24), (last.Answered, last.Total)));
            Assert.Equal(24 - reports.Count, reports.FirstOrDefault()?.Resumed ?? 24);
        }
    }

    [Fact]
    public void Sample_SeveralSources_AreJoinedAndTold()
    {
        SampleSource[] sources = [_ml.Preferences.Source(_model, Warm), _ml.Preferences.Source(_model, new GenerationOptions { MaxNewTokens = 5 }, "greedy"), _ml.Preferences.Source(Folder(), Warm, "folder")];
        Assert.Equal("model Temperature=1", sources[0].Name);
        var options = new SamplingOptions { SamplesPerPrompt = 2, Seed = 3, Path = File };
        _ml.Preferences.Sample(sources[..1], Prompts[..2], options);
        var samples = _ml.Preferences.Sample(sources, Prompts, options);
        Assert.All(samples, s => Assert.Equal(["model Temperature=1", "model Temperature=1", "greedy", "greedy", "folder", "folder"], s.Sources));
        Assert.All(samples, s => Assert.True(s.IsRepeated[3]));
        Assert.All(samples, s => Assert.Equal(s.Responses.Take(2), s.Responses.TakeLast(2))); // the same model, settings and seed
        var read = _ml.Preferences.LoadSamples(File);
        Assert.Equal(samples.Select(s => (s.Prompt, string.Join('|', s.Responses), string.Join('|', s.Sources))), read.Select(s => (s.Prompt, string.Join('|', s.Responses), string.Join('|', s.Sources))));
        var last = JsonNode.Parse(System.IO.File.ReadLines(File).Last())!;
        Assert.Equal((4, "folder", 2, true), ((int)last["number"]!, (string)last["source"]!, (int)last["sample"]!, (bool)last["duplicate"]!));
    }

    [Fact]
    public void Sample_Conversations_AreKept()
    {
        var turn = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = "hi!" });
        var options = new SamplingOptions { SamplesPerPrompt = 2, Path = File };
        var samples = _ml.Preferences.Sample([_ml.Preferences.Source(_model, Warm)], [turn], options);
        Assert.Equal("""[{"role":"user","content":"hi!"}]""", _ml.Preferences.LoadSamples(File).Single().Messages);
        Assert.Equal(samples[0].Responses, _ml.Preferences.Sample([_ml.Preferences.Source(_model, Warm)], [turn], options)[0].Responses);
    }

    [Fact]
    public void Sample_AFileOfAnotherSampling_IsAnError()
    {
        Run(File);
        var whole = System.IO.File.ReadAllBytes(File);
        Assert.Contains("begun with 6 samples a prompt", Error(Prompts, Warm, new SamplingOptions { SamplesPerPrompt = 5, Path = File }).Message);
        Assert.Contains("begun with the seed 5", Error(Prompts, Warm, new SamplingOptions { SamplesPerPrompt = 6, Seed = 6, Path = File }).Message);
        Assert.Contains("another prompt 1 (hi!) than is given (bye)", Error([.. Prompts.Reverse()], Warm, new SamplingOptions { SamplesPerPrompt = 6, Path = File }).Message);
        Assert.Contains("with other settings", Error(Prompts, new GenerationOptions { MaxNewTokens = 6, Temperature = 1 }, new SamplingOptions { SamplesPerPrompt = 6, Path = File }).Message);
        Assert.Equal(whole, System.IO.File.ReadAllBytes(File));
        System.IO.File.WriteAllLines(File, System.IO.File.ReadAllLines(File).Select((line, i) => i == 4 ? line[..9] : line));
        Assert.StartsWith($"'{File}', line 5: the line is damaged", Assert.Throws<PreferenceDataException>(() => Run(File)).Message);
        Assert.Contains("line 1: the line is not one that", Assert.Throws<PreferenceDataException>(() => _ml.Preferences.LoadSamples(Fixtures.PathTo("trajectories", "train.jsonl"))).Message);
        Assert.Throws<ArgumentException>(() => _ml.Preferences.Sample([_ml.Preferences.Source(_model), _ml.Preferences.Source(_model)], Prompts));
        Assert.Throws<ArgumentException>(() => _ml.Preferences.Sample(Array.Empty<SampleSource>(), Prompts));
    }

    [Fact]
    public void Sample_AModelWithOtherWeights_DoesNotGoOn()
    {
        Run(File);
        using (no_grad()) _model.LastTransformer.Model.Network.Parameters.Values.First().neg_();
        Assert.Contains("with other settings", Assert.Throws<ArgumentException>(() => Run(File)).Message);
    }

    [Fact]
    public void Sample_Cancelled_KeepsWhatIsThere()
    {
        using var cancel = new CancellationTokenSource();
        var options = new SamplingOptions { SamplesPerPrompt = 6, Seed = 5, Path = File, Progress = new Reports(_ => cancel.Cancel()) };
        Assert.ThrowsAny<OperationCanceledException>(() => _ml.Preferences.Sample([_ml.Preferences.Source(_model, Warm, "m")], Prompts, options, cancel.Token));
        Assert.Equal(6, _ml.Preferences.LoadSamples(File).Single().Responses.Count);
        Run(File);
        var resumed = System.IO.File.ReadAllBytes(File);
        Run(_folder["unbroken.jsonl"]);
        Assert.Equal(System.IO.File.ReadAllBytes(_folder["unbroken.jsonl"]), resumed);
    }

    [Fact]
    public void Sample_ManyAnswersOfAPrompt_ShareItsPass()
    {
        var rows = new List<long>();
        _model.LastTransformer.Model.Network.Projections.First().Adapter = new Watch(rows);
        _ml.Preferences.Sample(_model, ["hi!"], new GenerationOptions { MaxNewTokens = 2, Temperature = 1, Seed = 1 }, samplesPerPrompt: 10);
        Assert.InRange(rows[0], 1, 40); // the prompt once
        Assert.All(rows.Skip(1), tokens => Assert.InRange(tokens, 1, 10)); // then a token for each answer
    }

    public void Dispose()
    {
        _model.LastTransformer.Dispose();
        _folder.Dispose();
    }

    private IReadOnlyList<PromptSamples> Run(string path, List<SamplingProgress>? reports = null) => _ml.Preferences.Sample(
        [_ml.Preferences.Source(_model, Warm, "m")], Prompts, new SamplingOptions { SamplesPerPrompt = 6, Seed = 5, Path = path, Progress = new Reports(r => reports?.Add(r)) });

    private ArgumentException Error(string[] prompts, GenerationOptions generation, SamplingOptions options) =>
        Assert.Throws<ArgumentException>(() => _ml.Preferences.Sample([_ml.Preferences.Source(_model, generation, "m")], prompts, options));

    // The model with its tokenizer.
    private string Folder()
    {
        Directory.CreateDirectory(_folder["folder"]);
        foreach (var path in Directory.GetFiles(Fixtures.Llama).Concat(Directory.GetFiles(Fixtures.TinyChatml)))
            System.IO.File.Copy(path, Path.Combine(_folder["folder"], Path.GetFileName(path)), overwrite: true);
        return _folder["folder"];
    }

    // Notes how many tokens run through a projection.
    private sealed class Watch(List<long> rows) : IAdapter
    {
        public IReadOnlyList<KeyValuePair<string, Tensor>> Parameters => [];
        public string Settings => "";
        public Tensor Forward(Linear projection, Tensor x)
        {
            rows.Add(x.shape[0]);
            return projection.Project(x);
        }

        public Tensor Merge(Tensor weight) => weight;
        public IAdapter Frozen() => this;
        public void Dispose() { }
    }

    private sealed class Reports(Action<SamplingProgress> report) : IProgress<SamplingProgress>
    {
        public void Report(SamplingProgress value) => report(value);
    }
}
