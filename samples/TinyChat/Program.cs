using System.CommandLine;
using TinyChat;

var output = new Option<DirectoryInfo>("--output") { Description = "The folder for the corpus and checkpoints.", DefaultValueFactory = _ => new DirectoryInfo(Path.Combine("artifacts", "tiny-chat")) };
var model = new Option<DirectoryInfo>("--model") { Description = "The model's folder; its tokenizer is taken from there.", DefaultValueFactory = _ => new DirectoryInfo(Path.Combine("samples", "models", "tiny-chat")) };
var rows = new Option<int>("--rows") { Description = "Dialogues to train on.", DefaultValueFactory = _ => 400_000 };
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

var train = new Command("train", "Train the model from scratch and measure it.") { output, model, rows, seed };
train.SetAction((arguments, cancellation) => Task.Run(
    () => new ModelTraining(arguments.GetRequiredValue(output).FullName, arguments.GetValue(seed), cancellation)
        .Run(arguments.GetRequiredValue(model).FullName, arguments.GetValue(rows)),
    cancellation));

var from = new Option<DirectoryInfo>("--from") { Description = "The trained model that is grown.", DefaultValueFactory = _ => new DirectoryInfo(Path.Combine("samples", "models", "tiny-chat")) };
var grown = new Option<DirectoryInfo>("--model") { Description = "The grown model's folder.", DefaultValueFactory = _ => new DirectoryInfo(Path.Combine("samples", "models", "small-chat")) };
var layers = new Option<int>("--layers") { Description = "Its decoder layers; 14 give 4.6 million weights.", DefaultValueFactory = _ => 14 };
var grownRows = new Option<int>("--rows") { Description = "Dialogues to train on.", DefaultValueFactory = _ => 30_000 };
var grow = new Command("grow", "Train a larger model that begins as the small one with layers added, and measure it.") { output, from, grown, layers, grownRows, seed };
grow.SetAction((arguments, cancellation) => Task.Run(
    () => new ModelTraining(arguments.GetRequiredValue(output).FullName, arguments.GetValue(seed), cancellation)
        .Grow(arguments.GetRequiredValue(from).FullName, arguments.GetValue(layers), arguments.GetRequiredValue(grown).FullName, arguments.GetValue(grownRows)),
    cancellation));

var measure = new Command("measure", "Measure the model on held-out wordings.") { output, model, seed };
measure.SetAction((arguments, cancellation) => Task.Run(
    () => new ModelTraining(arguments.GetRequiredValue(output).FullName, arguments.GetValue(seed), cancellation).Measure(arguments.GetRequiredValue(model).FullName),
    cancellation));

return await ConsoleProgram.RunAsync(new RootCommand("Makes TinyChat, the small chat model of the samples.") { corpus, train, grow, measure }, args);
