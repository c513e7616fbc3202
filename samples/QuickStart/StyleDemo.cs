using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Dpo;
using TinyChat;

namespace QuickStart;

/// <summary>
/// The demo's story. TinyChat answers "hi!" with "Hi!" or with a speech; both are right, but its owner likes it short. It is asked many
/// things, its own answers become preference pairs, and Direct Preference Optimization teaches it the one style without new answers.
/// </summary>
/// <param name="output">Where the results go.</param>
/// <param name="wish">The style that the owner likes: terse, or, with the wish turned round, lengthy.</param>
/// <param name="heldOutSeed">Draws the held-out wordings; training does not depend on it.</param>
/// <param name="cancellation">Ends the demo.</param>
internal sealed class StyleDemo(DirectoryInfo output, AnswerStyle wish, int heldOutSeed, CancellationToken cancellation)
{
    // Many prompts with few answers each teach more for the same work than few with many (docs/experiments.md).
    private const int TrainingPrompts = 960;
    private const int TrainingSamples = 5;
    private const int MostTrainingPairs = 1;

    private const int HeldOutPrompts = 96;
    private const int HeldOutSamples = 10;
    private const int MostHeldOutPairs = 2;

    private static readonly string[] SecondProcessPrompts = ["hi!", "what is 3 plus 4?", "what is the capital of France?", "你好！", "三加四等于几？"];

    private readonly MLContext _ml = new(seed: 1);
    private readonly Storyteller _tell = new();

    private string Wish => wish == AnswerStyle.Terse ? "terse" : "lengthy";

    /// <summary>Runs the demo.</summary>
    public void Run()
    {
        output.Create();
        _ml.Log += (_, message) =>
        {
            if (message.Kind == ChannelMessageKind.Warning)
                _tell.Say(message.RawMessage);
        };
        _tell.Title($"One style, no ability lost: TinyChat learns to be {Wish}");
        IReadOnlyList<DemoPrompt> training =
        [
            new("hi!", "greeting", Language.English, null),
            .. TinyChatCorpus.DemoPrompts(PromptSplit.Training, seed: 1, TrainingPrompts).Where(p => p.Prompt != "hi!"),
        ];
        var heldOut = TinyChatCorpus.DemoPrompts(PromptSplit.HeldOut, heldOutSeed, HeldOutPrompts);

        using var untuned = _ml.Preferences.LoadPretrained(StyleModel.BaseModelPath, numThreads: 1);
        var sampled = Sample(untuned, training);
        var pairs = MakePairs("pairs.jsonl", sampled, MostTrainingPairs, "training");
        _tell.Step($"Ask the untuned model {heldOut.Count} things that it never saw worded so");
        var before = StyleModel.Ask(_ml, untuned, heldOut, HeldOutSamples, seed: 3, cancellation);
        _tell.Mix(AnswerMetrics.Of(before));
        var heldOutPairs = MakePairs("heldout-pairs.jsonl", before, MostHeldOutPairs, "held-out");

        var model = Train(pairs);
        Compare(model, heldOut, before, heldOutPairs);
        Save(model, pairs);
        _tell.Done(output);
    }

    private IReadOnlyList<JudgedAnswer> Sample(ITransformer untuned, IReadOnlyList<DemoPrompt> prompts)
    {
        _tell.Step($"Ask TinyChat {prompts.Count} things, {TrainingSamples} times each (temperature 0.7, top_k 10, top_p 0.95)");
        var answers = StyleModel.Ask(_ml, untuned, prompts, TrainingSamples, seed: 1, cancellation);
        JudgedAnswer.WriteText(Path.Combine(output.FullName, "samples.txt"), answers);
        _tell.Answers([.. answers.TakeWhile(a => a.Prompt == prompts[0])], wish);
        _tell.Mix(AnswerMetrics.Of(answers));
        return answers;
    }

    private string MakePairs(string name, IReadOnlyList<JudgedAnswer> answers, int mostPerPrompt, string kind)
    {
        var pairs = StylePairs.Build(answers, wish, mostPerPrompt);
        if (pairs.Count == 0)
            throw new InvalidOperationException($"The {kind} answers give no preference pair: no prompt has both a {Wish} right answer and another one.");
        var path = Path.Combine(output.FullName, name);
        StylePairs.Write(path, pairs);
        var prompts = answers.DistinctBy(a => a.Prompt.Prompt).Count();
        _tell.Say($"{pairs.Count} {kind} pairs (chosen: {Wish} and right; rejected: {(wish == AnswerStyle.Terse ? "lengthy" : "terse")}, or wrong) from {pairs.DistinctBy(p => p.Prompt).Count()} of {prompts} prompts are in {name}.");
        cancellation.ThrowIfCancellationRequested();
        return path;
    }

    private ITransformer Train(string pairs)
    {
        var options = StyleModel.DefaultOptions();
        if (wish == AnswerStyle.Lengthy)
            options.DpoLossScale = 0.2; // this wish needs less: at 1 all is lengthy, and less of it sensible (docs/experiments.md)
        _tell.Step("Train with DPO, a LoRA adapter on all linear layers");
        _tell.Say(string.Create(CultureInfo.InvariantCulture, $"The rate is {options.LearningRate}. For LoRA 1e-4 to 2e-4 is usual; a model of 1.4 million weights bears more, and needs it to learn from {options.Epochs} passes over so few pairs."));
        var data = StyleModel.LoadIDataViewFromFile(_ml, pairs);
        return TrainingDisplay.Run("DPO", progress =>
        {
            options.Progress = progress;
            options.OutputDirectory = output.FullName;
            options.OverwriteOutputDirectory = true;
            options.CancellationToken = cancellation;
            return StyleModel.RetrainModel(_ml, data, options);
        });
    }

    private void Compare(ITransformer model, IReadOnlyList<DemoPrompt> heldOut, IReadOnlyList<JudgedAnswer> before, string heldOutPairs)
    {
        _tell.Step("Ask the tuned model the same held-out things");
        var after = StyleModel.Ask(_ml, model, heldOut, HeldOutSamples, seed: 3, cancellation);
        _tell.Compare(AnswerMetrics.Of(before), AnswerMetrics.Of(after), wish);
        var preferences = StyleModel.LoadIDataViewFromFile(_ml, heldOutPairs);
        _tell.Preferences(StyleModel.Evaluate(_ml, model, preferences), StyleModel.EvaluateBinary(_ml, model, preferences));
    }

    private void Save(ITransformer model, string pairs)
    {
        _tell.Step("Save model.zip with ml.Model.Save, load it in a second process with ml.Model.Load");
        var path = Path.Combine(output.FullName, "model.zip");
        StyleModel.SaveModel(_ml, model, StyleModel.LoadIDataViewFromFile(_ml, pairs), path);
        foreach (var line in SecondProcess.Consume(path, SecondProcessPrompts))
            _tell.Say(line);
        _ml.Preferences.Report(output.FullName).SaveCurves(Path.Combine(output.FullName, "training-curves.svg"), $"TinyChat learns to be {Wish}: loss, accuracy and margin of DPO");
    }
}
