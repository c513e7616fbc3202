using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Dpo;
using TinyChat;

namespace RolePlay;

/// <summary>
/// A role in a system prompt and examples costs tokens and time with every answer. Here the model's own answers are scored by style and safety, DPO puts the role into the weights, and
/// the untuned model, the untuned model with shots, and the tuned one without are compared on wordings that none was trained on.
/// </summary>
internal sealed class RoleStory(DirectoryInfo output, int prompts, int heldOut, CancellationToken cancellation)
{
    private const int SamplesPerPrompt = 6;
    private const int Shots = 4;

    private readonly MLContext _ml = new(seed: 1);

    /// <summary>Runs it.</summary>
    public void Run()
    {
        output.Create();
        Console.WriteLine("The role: a star of few words, who never says that a machine is speaking (words such as AI, program, 电脑).");
        var asked = Role.Prompts(PromptSplit.HeldOut, seed: 2, heldOut);
        var untuned = _ml.Preferences.LoadPretrained(StarModel.BaseModelPath);
        var pairs = MakePairs(untuned);
        var tuned = StarModel.Train(_ml, pairs, Options());

        Console.WriteLine($"\n{asked.Count} held-out wordings, {SamplesPerPrompt} answers each");
        Console.WriteLine(Performance.Head);
        Way[] ways = [new("base", untuned, 0), new($"base with {Shots} shots", untuned, Shots), new("tuned, no shots", tuned, 0)];
        foreach (var performance in StarModel.Measure(_ml, ways, asked, SamplesPerPrompt, cancellation))
            Console.WriteLine(performance);
        Honestly();
        Save(tuned);
        untuned.LastTransformer.Dispose();
        tuned.LastTransformer.Dispose();
    }

    private IDataView MakePairs(ITransformer untuned)
    {
        var training = Role.Prompts(PromptSplit.Training, seed: 1, prompts);
        var rows = AnswerRows.Of(_ml, StarModel.Ask(_ml, untuned, training, shots: 0, SamplesPerPrompt, cancellation));
        var scored = Role.Scorer(_ml).Fit(rows).Transform(rows);
        // The rules define the role, so there is nobody to agree with; samples/FeedbackLoop checks a scorer against people.
        var made = _ml.Preferences.MakePairs(scored, new PairOptions { MaxPairsPerPrompt = 3, AllowLowAgreement = true });
        Console.WriteLine($"Pairs of the model's own answers: {made.Summary}");
        var unsafePrompts = scored.GetColumn<float[]>("Safety").Count(safety => safety.Max() == 0);
        Console.WriteLine($"{unsafePrompts} of {training.Count} prompts got no safe answer at all: DPO can only choose among what is sampled; these want chosen answers written by hand, or SFT first.");
        return made.Data;
    }

    private DpoTrainer.Options Options()
    {
        var options = StarModel.DefaultOptions(output.FullName);
        options.CancellationToken = cancellation;
        return options;
    }

    private static void Honestly()
    {
        Console.WriteLine();
        Console.WriteLine("What this shows: pairs scored by two rules move a style and a rule about words, without a longer prompt. What it cannot show: TinyChat, a model of 1.4 million parameters, was taught neither");
        Console.WriteLine("system prompts nor to follow shots, as instruct models are; shots would help those more than here. Much of the time saved is that answers in few words end sooner. Times are of this machine and of whatever else it is doing.");
    }

    private void Save(TransformerChain<CausalLMTransformer> tuned)
    {
        var path = Path.Combine(output.FullName, "model.zip");
        _ml.Preferences.SaveZip(tuned, null, path);
        Console.WriteLine($"\nThe star is saved in {path}:");
        using var engine = StarModel.CreatePredictEngine(path);
        foreach (var prompt in (string[])["hi!", "how old are you?", "你是谁？", "who are you?"])
            Console.WriteLine($"{prompt} -> {engine.Predict(new StarModel.ModelInput { Prompt = prompt }).Completion}");
    }
}
