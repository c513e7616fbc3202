using System.CommandLine;
using TinyChat;

var output = new Option<DirectoryInfo>("--output") { Description = "The folder to write to.", DefaultValueFactory = _ => new DirectoryInfo("artifacts/tiny-chat") };
var rows = new Option<int>("--rows") { Description = "Dialogues to train on.", DefaultValueFactory = _ => 100_000 };
var heldOut = new Option<int>("--held-out") { Description = "Held-out prompts to write.", DefaultValueFactory = _ => 1_000 };
var seed = new Option<int>("--seed") { Description = "Seed of everything random.", DefaultValueFactory = _ => 1 };

var corpus = new Command("corpus", "Write the corpus: sft.jsonl and heldout.jsonl.") { output, rows, heldOut, seed };
corpus.SetAction(arguments =>
{
    var folder = arguments.GetRequiredValue(output).FullName;
    Directory.CreateDirectory(folder);
    CorpusFiles.WriteTraining(Path.Combine(folder, "sft.jsonl"), TinyChatCorpus.Training(arguments.GetValue(seed), arguments.GetValue(rows)));
    CorpusFiles.WritePrompts(Path.Combine(folder, "heldout.jsonl"), TinyChatCorpus.DemoPrompts(PromptSplit.HeldOut, arguments.GetValue(seed), arguments.GetValue(heldOut)));
    Console.WriteLine($"{arguments.GetValue(rows)} dialogues and {arguments.GetValue(heldOut)} held-out prompts are in {folder}.");
});

var model = new Option<DirectoryInfo>("--model") { Description = "The model's folder; holds the tokenizer.", DefaultValueFactory = _ => new DirectoryInfo("samples/models/tiny-chat") };
var epochs = new Option<int>("--epochs") { Description = "Passes over the corpus.", DefaultValueFactory = _ => 2 };

var train = new Command("train", "Train TinyChat from random weights and put it into the model's folder, then examine it.") { output, rows, epochs, seed, model };
train.SetAction((arguments, cancellation) => Task.Run(
    () =>
    {
        var folder = arguments.GetRequiredValue(model).FullName;
        new Training(arguments.GetRequiredValue(output).FullName, folder, arguments.GetValue(rows), arguments.GetValue(epochs), arguments.GetValue(seed), cancellation).Run();
        Exam.Run(folder, 500, seed: 7);
    },
    cancellation));

var exam = new Command("exam", "Ask TinyChat held-out wordings and count the right answers.") { heldOut, seed, model };
exam.SetAction(arguments => Exam.Run(arguments.GetRequiredValue(model).FullName, arguments.GetValue(heldOut), arguments.GetValue(seed)));

return new RootCommand("Makes TinyChat, the small chat model of the samples.") { corpus, train, exam }.Parse(args).Invoke();
