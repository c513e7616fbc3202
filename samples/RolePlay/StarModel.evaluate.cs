using System.Diagnostics;
using System.Text.Json.Nodes;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Dpo;
using TinyChat;

namespace RolePlay;

public static partial class StarModel
{
    /// <summary>Samples answers: temperature 0.7, top_k 10, top_p 0.95.</summary>
    internal static IReadOnlyList<PromptSamples> Ask(
        MLContext mlContext, ITransformer model, IReadOnlyList<DemoPrompt> prompts, int shots, int samplesPerPrompt, CancellationToken cancellation)
    {
        var sampling = new GenerationOptions { Temperature = 0.7, TopK = 10, TopP = 0.95, MaxNewTokens = 64, BatchSize = 128, Seed = 1 };
        var samples = mlContext.Preferences.Sample(model, prompts.Select(p => Role.Conversation(p, shots)), sampling, samplesPerPrompt, cancellation);
        return [.. samples.Zip(prompts, (s, p) => s with { Prompt = p.Prompt, Messages = "" })]; // an answer is scored by what was asked last
    }

    /// <summary>Each way of playing the role, measured.</summary>
    internal static IReadOnlyList<Performance> Measure(MLContext mlContext, IReadOnlyList<Way> ways, IReadOnlyList<DemoPrompt> prompts, int samplesPerPrompt, CancellationToken cancellation)
    {
        var times = Milliseconds(mlContext, ways, prompts, cancellation);
        return [.. ways.Zip(times, (way, time) =>
        {
            var answers = Ask(mlContext, way.Model, prompts, way.Shots, samplesPerPrompt, cancellation);
            return new Performance(
                way.Name,
                AnswerRows.Mean(mlContext, Role.Style(mlContext), answers),
                AnswerRows.Mean(mlContext, Role.Safety(mlContext), answers),
                AnswerRows.Mean(mlContext, TinyChatScorers.Sensible(mlContext, prompts), answers),
                PromptTokens(mlContext, prompts.Select(p => Role.Conversation(p, way.Shots))),
                time);
        })];
    }

    private static double PromptTokens(MLContext mlContext, IEnumerable<JsonArray> conversations)
    {
        var rows = mlContext.Data.LoadFromEnumerable(conversations.Select(c => new ConversationRow { Messages = c.ToJsonString() }).ToList());
        return mlContext.Preferences.Tokenize(BaseModelPath).Fit(rows).Transform(rows).GetColumn<int[]>(ColumnNames.PromptTokens).Average(tokens => tokens.Length);
    }

    /// <summary>The median time of a greedy answer, one prompt after the other, as a chat would ask. The ways take turns, so that whatever else the machine does falls on all of them.</summary>
    private static IReadOnlyList<double> Milliseconds(MLContext mlContext, IReadOnlyList<Way> ways, IReadOnlyList<DemoPrompt> prompts, CancellationToken cancellation)
    {
        const int warming = 3;
        var times = ways.Select(_ => new List<double>()).ToList();
        foreach (var prompt in prompts.Take(warming + 40))
        {
            foreach (var (way, taken) in ways.Zip(times))
            {
                var started = Stopwatch.GetTimestamp();
                mlContext.Preferences.Generate(way.Model, Role.Conversation(prompt, way.Shots), new GenerationOptions { MaxNewTokens = 64 }, cancellation: cancellation);
                taken.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            }
        }
        return [.. times.Select(taken => taken.Skip(warming).Order().ElementAt((taken.Count - warming) / 2))];
    }

    private sealed class ConversationRow
    {
        public string Messages { get; set; } = "";
    }
}
