using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Dpo.Data;
using Xunit;

namespace MLNet.Dpo.Tests.Sampling;

/// <summary>The whole way with TinyChat: prompts, ten answers each, text files, a person's marks, pairs.</summary>
public sealed class SampleAndMarkTests
{
    [Fact]
    public void TinyChat_ThreePromptsTenTimesMarkedByAScript_BecomesPairs()
    {
        using var folder = new TemporaryFolder();
        var ml = new MLContext(seed: 1);
        var tinyChat = Path.Combine(Fixtures.Root, "samples", "models", "tiny-chat");
        var source = ml.Preferences.Source(tinyChat, new GenerationOptions { Temperature = 0.7, TopK = 10, TopP = 0.95, MaxNewTokens = 40 });
        Assert.Equal("tiny-chat Temperature=0.7 TopK=10 TopP=0.95", source.Name);
        var samples = ml.Preferences.Sample([source], ["hi!", "thank you", "what is the capital of France?"], new SamplingOptions { Path = folder["samples.jsonl"], Seed = 1 });
        Assert.Equal(3, ml.Preferences.WriteSamples(samples, folder["sheets"]));

        // Whoever marks likes short answers: + up to the median of a prompt's lengths, - above.
        foreach (var (sample, path) in samples.Zip(Directory.GetFiles(folder["sheets"]).Order()))
        {
            var median = sample.Responses.Select(r => r.Length).Order().ElementAt(5);
            File.WriteAllLines(path, File.ReadAllLines(path).Select(line => !line.StartsWith("A[") ? line : sample.Responses[int.Parse(line[2..line.IndexOf(']')]) - 1].Length < median ? "+ " + line : "- " + line));
        }
        var marked = ml.Preferences.ReadMarked(folder["sheets"]);
        Assert.Equal(samples.Select(s => s.Prompt), marked.GetColumn<string>(ColumnNames.Prompt));
        var pairs = marked.GetColumn<float[]>(ColumnNames.Scores).Sum(scores => PreferencePair.FromScores(scores).Count);
        Assert.InRange(pairs, 20, 75);

        ml.Preferences.SaveJsonLines(marked, folder["pairs.jsonl"]);
        var loaded = ml.Preferences.Load(folder["pairs.jsonl"]);
        Assert.Equal(marked.GetColumn<string[]>(ColumnNames.Responses), loaded.GetColumn<string[]>(ColumnNames.Responses));
        var tokens = ml.Preferences.Tokenize(tinyChat).Fit(loaded).Transform(loaded);
        Assert.All(tokens.GetColumn<int[]>(ColumnNames.ResponseLengths), lengths => Assert.Equal(10, lengths.Length));
    }
}
