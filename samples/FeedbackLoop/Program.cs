using System.CommandLine;
using FeedbackLoop;
using TinyChat;

var output = new Option<DirectoryInfo>("--output") { Description = "The folder to write to.", DefaultValueFactory = _ => new DirectoryInfo(Path.Combine("artifacts", "feedback-loop")) };
var rounds = new Option<int>("--rounds") { Description = "Rounds of sampling and training.", DefaultValueFactory = _ => 3 };
var prompts = new Option<int>("--prompts") { Description = "New prompts a round.", DefaultValueFactory = _ => 200 };
var labels = new Option<int>("--labels") { Description = "Prompts whose answers are marked.", DefaultValueFactory = _ => 100 };
var heldOut = new Option<int>("--held-out") { Description = "Wordings that the rounds are compared on.", DefaultValueFactory = _ => 96 };
var samples = new Option<int>("--samples") { Description = "Answers a prompt.", DefaultValueFactory = _ => 6 };

var root = new RootCommand("Teaches TinyChat to be brief in rounds: sample, score, make pairs, train, compare.") { output, rounds, prompts, labels, heldOut, samples };
root.SetAction((arguments, cancellation) => Task.Run(
    () => new FeedbackRounds(
        arguments.GetRequiredValue(output),
        new LoopSize(arguments.GetValue(rounds), arguments.GetValue(prompts), arguments.GetValue(labels), arguments.GetValue(heldOut), arguments.GetValue(samples)),
        cancellation).Run(),
    cancellation));

return await ConsoleProgram.RunAsync(root, args);
