using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Dpo;
using TinyChat;

namespace FeedbackLoop;

/// <summary>How much is sampled and trained.</summary>
/// <param name="Rounds">Rounds of sampling and training.</param>
/// <param name="Prompts">New prompts a round.</param>
/// <param name="Labels">Prompts whose answers are marked.</param>
/// <param name="HeldOut">Wordings that the rounds are compared on.</param>
/// <param name="Samples">Answers a prompt.</param>
internal sealed record LoopSize(int Rounds, int Prompts, int Labels, int HeldOut, int Samples);

/// <summary>
/// From prompts to a model that one dares to publish, in rounds: sample, score, make pairs, train, compare. The scorer is checked once against people's marks; each round samples the model of
/// the round before, so that its pairs are always the model's own answers.
/// </summary>
internal sealed class FeedbackRounds(DirectoryInfo output, LoopSize size, CancellationToken cancellation)
{
    private const double MostLoss = 0.02; // of right answers, for a round to be published

    private readonly MLContext _ml = new(seed: 1);

    /// <summary>Runs the rounds.</summary>
    public void Run()
    {
        output.Create();
        var heldOut = TinyChatCorpus.DemoPrompts(PromptSplit.HeldOut, seed: 2, size.HeldOut);
        ITransformer model = _ml.Preferences.LoadPretrained(BriefModel.BaseModelPath);
        var (scorer, agreement) = Label(model);

        Console.WriteLine($"\n{size.Rounds} rounds of {size.Prompts} prompts, {size.Samples} answers each; compared on {heldOut.Count} wordings that no round sees");
        Console.WriteLine(RoundResult.Head);
        var results = new List<RoundResult> { RoundResult.Of(_ml, "untuned", 0, null, heldOut, BriefModel.Ask(_ml, model, heldOut, size.Samples, cancellation)) };
        Console.WriteLine(results[0].Line(null));
        for (var round = 1; round <= size.Rounds; round++)
        {
            var pairs = Pairs(model, TinyChatCorpus.DemoPrompts(PromptSplit.Training, seed: 10 + round, size.Prompts), scorer, agreement);
            var tuned = Train(round, pairs.TrainSet);
            _ml.Preferences.FindModel(model).Dispose();
            model = tuned;
            var metrics = BriefModel.Evaluate(_ml, tuned, pairs.TestSet);
            results.Add(RoundResult.Of(_ml, $"round {round}", Count(pairs.TrainSet), metrics, heldOut, BriefModel.Ask(_ml, tuned, heldOut, size.Samples, cancellation)));
            Console.WriteLine(results[^1].Line(results[^2]));
        }
        _ml.Preferences.FindModel(model).Dispose();
        Compare(heldOut);
        Publish(results);
    }

    /// <summary>Has a few answers marked, fits the scorer to half of the marks and compares it with the other half.</summary>
    private (ITransformer Scorer, ScorerAgreement Agreement) Label(ITransformer model)
    {
        var prompts = TinyChatCorpus.DemoPrompts(PromptSplit.Training, seed: 3, size.Labels);
        var folder = output.CreateSubdirectory("to-mark");
        folder.Delete(recursive: true);
        _ml.Preferences.WriteSamples(BriefModel.Ask(_ml, model, prompts, size.Samples, cancellation), folder.FullName);
        Person.Mark(folder.FullName, prompts);
        Console.WriteLine($"{size.Labels} text files of answers are in {folder.FullName}, marked + and - (by a rule that slips now and then, in place of a person).");

        var labels = _ml.Preferences.TrainTestSplit(_ml.Preferences.ReadMarked(folder.FullName), testFraction: 0.5);
        var scorer = BriefModel.Scorer(_ml, labels.TrainSet);
        var agreement = _ml.Preferences.Agreement(labels.TestSet, scorer);
        Console.WriteLine(agreement);
        return (scorer, agreement);
    }

    private DataOperationsCatalog.TrainTestData Pairs(ITransformer model, IReadOnlyList<DemoPrompt> prompts, ITransformer scorer, ScorerAgreement agreement)
    {
        var samples = BriefModel.Ask(_ml, model, prompts, size.Samples, cancellation);
        var pairs = _ml.Preferences.MakePairs(scorer.Transform(AnswerRows.Of(_ml, samples)), new PairOptions { MinGap = 0.3, MaxPairsPerPrompt = 2, Agreement = agreement });
        return _ml.Preferences.TrainTestSplit(pairs.Data, testFraction: 0.15);
    }

    private TransformerChain<CausalLMTransformer> Train(int round, IDataView pairs)
    {
        var options = BriefModel.RoundOptions(round == 1 ? null : Adapter(round - 1), Path.Combine(output.FullName, $"round-{round}"));
        options.CancellationToken = cancellation;
        var tuned = BriefModel.Train(_ml, pairs, options);
        tuned.LastTransformer.SaveAdapter(Adapter(round));
        return tuned;
    }

    /// <summary>How far the rounds have gone from the untuned model, which each saw only the round before, and what they say.</summary>
    private void Compare(IReadOnlyList<DemoPrompt> heldOut)
    {
        var rounds = Enumerable.Range(1, size.Rounds)
            .Select(round => _ml.Preferences.Candidate(Adapter(round), $"round {round}", adapter => _ml.Preferences.LoadPretrained(BriefModel.BaseModelPath, adapter: adapter)));
        var comparison = _ml.Preferences.Compare(rounds, validation: null, heldOut.Select(p => p.Prompt), new ComparisonOptions { MaxNewTokens = 64, CancellationToken = cancellation });
        var page = Path.Combine(output.FullName, "compared.html");
        comparison.SaveHtml(page);
        Console.WriteLine($"\nKL to the untuned model, in nats an answer: {string.Join("; ", comparison.Models.Select(m => $"{m.Name} {m.Kl}"))}. Their answers side by side: {page}");
    }

    /// <summary>The tersest round that has unlearned next to nothing.</summary>
    private void Publish(IReadOnlyList<RoundResult> results)
    {
        var best = Enumerable.Range(1, results.Count - 1).Where(i => results[i].Right >= results[0].Right - MostLoss).OrderByDescending(i => results[i].Terse).FirstOrDefault();
        if (best == 0)
        {
            Console.WriteLine($"No round is published: each costs more than {MostLoss * 100:0} points of right answers.");
            return;
        }
        var path = Path.Combine(output.FullName, "model.zip");
        var model = _ml.Preferences.LoadPretrained(BriefModel.BaseModelPath, adapter: Adapter(best));
        _ml.Preferences.SaveZip(model, null, path);
        model.LastTransformer.Dispose();
        Console.WriteLine($"\nRound {best} is published in {path}:");
        using var engine = BriefModel.CreatePredictEngine(path);
        foreach (var prompt in (string[])["hi!", "what is the capital of France?", "你好！"])
            Console.WriteLine($"{prompt} -> {engine.Predict(new BriefModel.ModelInput { Prompt = prompt }).Completion}");
    }

    private string Adapter(int round) => Path.Combine(output.FullName, $"round-{round}", "adapter");

    private static int Count(IDataView view) => view.GetColumn<string>(ColumnNames.Prompt).Count();
}
