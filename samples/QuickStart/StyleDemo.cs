using Microsoft.ML;
using MLNet.Dpo;
using TinyChat;

namespace QuickStart;

/// <summary>
/// The demo's story. TinyChat answers "hi!" with "Hi!" or with a speech; both are right, but its owner likes it short. It is asked many
/// things, its own answers become preference pairs, and Direct Preference Optimization teaches it the one style without new answers.
/// </summary>
internal sealed class StyleDemo(DirectoryInfo output, CancellationToken cancellation)
{
    private const int TrainingPrompts = 480;
    private const int HeldOutPrompts = 96;
    private const int SamplesPerPrompt = 10;
    private const int MostPairsPerPrompt = 2;

    private static readonly string[] SecondProcessPrompts = ["hi!", "what is 3 plus 4?", "what is the capital of France?", "你好！", "三加四等于几？"];

    private readonly MLContext _ml = new(seed: 1);
    private readonly Storyteller _tell = new();

    /// <summary>Runs the demo.</summary>
    public void Run()
    {
        output.Create();
        _tell.Title("One style, no ability lost: TinyChat learns to be brief");
        IReadOnlyList<DemoPrompt> training =
        [
            new("hi!", "greeting", Language.English, null),
            .. TinyChatCorpus.DemoPrompts(PromptSplit.Training, seed: 1, TrainingPrompts).Where(p => p.Prompt != "hi!"),
        ];
        var heldOut = TinyChatCorpus.DemoPrompts(PromptSplit.HeldOut, seed: 2, HeldOutPrompts);

        using var untuned = _ml.Preferences.LoadPretrained(StyleModel.BaseModelPath, numThreads: 1);
        var sampled = Sample(untuned, training);
        var pairs = MakePairs("pairs.jsonl", sampled, "training");
        _tell.Step($"Ask the untuned model {heldOut.Count} things that it never saw worded so");
        var before = StyleModel.Ask(_ml, untuned, heldOut, SamplesPerPrompt, seed: 3, cancellation);
        _tell.Mix(AnswerMetrics.Of(before));
        var heldOutPairs = MakePairs("heldout-pairs.jsonl", before, "held-out");

        var model = Train(pairs);
        Compare(model, heldOut, before, heldOutPairs);
        Save(model, pairs);
        _tell.Done(output);
    }

    private IReadOnlyList<JudgedAnswer> Sample(ITransformer untuned, IReadOnlyList<DemoPrompt> prompts)
    {
        _tell.Step($"Ask TinyChat {prompts.Count} things, {SamplesPerPrompt} times each (temperature 0.7, top_k 10, top_p 0.95)");
        var answers = StyleModel.Ask(_ml, untuned, prompts, SamplesPerPrompt, seed: 1, cancellation);
        JudgedAnswer.WriteText(Path.Combine(output.FullName, "samples.txt"), answers);
        _tell.Answers([.. answers.TakeWhile(a => a.Prompt == prompts[0])]);
        _tell.Mix(AnswerMetrics.Of(answers));
        return answers;
    }

    private string MakePairs(string name, IReadOnlyList<JudgedAnswer> answers, string kind)
    {
        var pairs = StylePairs.Build(answers, MostPairsPerPrompt);
        if (pairs.Count == 0)
            throw new InvalidOperationException($"The {kind} answers give no preference pair: no prompt has both a terse right answer and another one.");
        var path = Path.Combine(output.FullName, name);
        StylePairs.Write(path, pairs);
        var prompts = answers.DistinctBy(a => a.Prompt.Prompt).Count();
        _tell.Say($"{pairs.Count} {kind} pairs (chosen: terse and right; rejected: lengthy, or wrong) from {pairs.DistinctBy(p => p.Prompt).Count()} of {prompts} prompts are in {name}.");
        cancellation.ThrowIfCancellationRequested();
        return path;
    }

    private ITransformer Train(string pairs)
    {
        _tell.Step("Train with DPO, a LoRA adapter on all linear layers");
        var data = StyleModel.LoadIDataViewFromFile(_ml, pairs);
        return TrainingDisplay.Run("DPO", progress =>
        {
            var options = StyleModel.DefaultOptions();
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
        var after = StyleModel.Ask(_ml, model, heldOut, SamplesPerPrompt, seed: 3, cancellation);
        _tell.Compare(AnswerMetrics.Of(before), AnswerMetrics.Of(after));
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
        _ml.Preferences.Report(output.FullName).SaveCurves(Path.Combine(output.FullName, "training-curves.svg"), "TinyChat learns to be brief: loss, accuracy and margin of DPO");
    }
}
