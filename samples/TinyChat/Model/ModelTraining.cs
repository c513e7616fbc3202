using System.Diagnostics;
using System.Globalization;
using Microsoft.ML;
using MLNet.Dpo;
using static TorchSharp.torch;

namespace TinyChat;

/// <summary>Trains TinyChat from scratch with the library's own supervised fine-tuning, and measures it.</summary>
/// <param name="folder">Where corpus, checkpoint and metrics go.</param>
/// <param name="seed">Seeds corpus, initial weights and order.</param>
internal sealed class ModelTraining(string folder, int seed, CancellationToken cancellation)
{
    private const int HeldOutPrompts = 1_000;

    private readonly MLContext _ml = new(seed);

    /// <summary>Trains on <paramref name="rows"/> dialogues, each seen once, and puts the model into <paramref name="modelFolder"/>, whose tokenizer it takes.</summary>
    public void Run(string modelFolder, int rows)
    {
        Directory.CreateDirectory(folder);
        var start = Path.Combine(folder, "untrained");
        UntrainedModel.Write(start, modelFolder, seed);
        Train(start, modelFolder, TinyChatCorpus.Training(seed, rows), learningRate: 2.5e-3, ScalarType.Float32);
        Measure(modelFolder);
    }

    /// <summary>Trains the model in <paramref name="from"/>, grown to <paramref name="layers"/> layers, on <paramref name="rows"/> dialogues, each seen once, and puts it into <paramref name="modelFolder"/>.</summary>
    public void Grow(string from, int layers, string modelFolder, int rows)
    {
        Directory.CreateDirectory(folder);
        var start = Path.Combine(folder, "grown");
        GrownModel.Write(start, from, layers, seed);
        Train(start, modelFolder, TinyChatCorpus.Training(seed + 1, rows), learningRate: 1e-3, ScalarType.BFloat16);
        Measure(modelFolder);
    }

    /// <summary>Measures the model in <paramref name="modelFolder"/> on held-out wordings.</summary>
    public void Measure(string modelFolder)
    {
        using var model = _ml.Preferences.LoadPretrained(modelFolder);
        Measure(model);
    }

    private void Train(string start, string modelFolder, IEnumerable<TrainingRow> rows, double learningRate, ScalarType saved)
    {
        var corpus = Path.Combine(folder, "sft.jsonl");
        CorpusFiles.WriteTraining(corpus, rows);
        var clock = Stopwatch.StartNew();
        var options = Options(start, learningRate, clock);
        using var model = _ml.Preferences.Tokenize(start).Append(_ml.Preferences.Trainers.Sft(options)).Fit(_ml.Preferences.Load(corpus));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Trained in {clock.Elapsed.TotalMinutes:0.0} min."));
        model.LastTransformer.SaveModelFolder(modelFolder, saved);
    }

    private SftTrainer.Options Options(string start, double learningRate, Stopwatch clock) => new()
    {
        BaseModel = start,
        Lora = null,
        Epochs = 1,
        LearningRate = learningRate,
        Scheduler = LearningRateScheduler.Cosine,
        WarmupSteps = 200,
        AdamBeta2 = 0.95,
        WeightDecay = 0.01,
        BatchSize = 32,
        MaxTokensPerMicroBatch = 8192,
        Seed = seed,
        OutputDirectory = folder,
        OverwriteOutputDirectory = true,
        Progress = new StepLines(clock),
        CancellationToken = cancellation,
    };

    private void Measure(ITransformer model)
    {
        var prompts = TinyChatCorpus.DemoPrompts(PromptSplit.HeldOut, seed, HeldOutPrompts);
        (string Name, GenerationOptions Options)[] ways =
        [
            ("greedy", new GenerationOptions { MaxNewTokens = 64, BatchSize = 160 }),
            ("sampled (temperature 0.7, top_k 10, top_p 0.95)", new GenerationOptions { Temperature = 0.7, TopK = 10, TopP = 0.95, MaxNewTokens = 64, BatchSize = 160, Seed = seed }),
        ];
        foreach (var (name, options) in ways)
        {
            var answers = prompts.Zip(_ml.Preferences.Sample(model, prompts.Select(p => p.Prompt), options, samplesPerPrompt: 1, cancellation), (p, s) => (Prompt: p, Response: s.Responses[0])).ToList();
            var known = answers.Where(a => a.Prompt.Answer is not null).ToList();
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{name}: {Share(known.Count(Right), known.Count)} of known answers right, {Share(answers.Count(Right), answers.Count)} sensible, {Share(answers.Count(a => StyleJudge.Judge(a.Response) == AnswerStyle.Terse), answers.Count)} terse, {Share(answers.Count(a => StyleJudge.Judge(a.Response) == AnswerStyle.Lengthy), answers.Count)} lengthy; {answers.Count} held-out prompts"));
        }
    }

    private static bool Right((DemoPrompt Prompt, string Response) answer) => AnswerJudge.IsSensible(answer.Prompt, answer.Response);

    private static string Share(int count, int of) => (count / (double)of).ToString("0.0 %", CultureInfo.InvariantCulture);

    /// <summary>A line every hundred steps.</summary>
    private sealed class StepLines(Stopwatch clock) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (value.Step % 100 == 0)
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"step {value.Step} of {value.TotalSteps}: loss {value.Metrics["loss"]:0.000}, token accuracy {value.Metrics["mean_token_accuracy"]:0.000}, {clock.Elapsed.TotalSeconds:0} s"));
        }
    }
}
