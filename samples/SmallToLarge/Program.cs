using System.CommandLine;
using SmallToLarge;
using TinyChat;

var output = new Option<DirectoryInfo>("--output") { Description = "The folder to write to; a stopped sweep goes on there.", DefaultValueFactory = _ => new DirectoryInfo(Path.Combine("artifacts", "small-to-large")) };
var prompts = new Option<int>("--prompts") { Description = "Prompts that pairs are made of.", DefaultValueFactory = _ => 150 };
var heldOut = new Option<int>("--held-out") { Description = "Wordings that the models are compared on.", DefaultValueFactory = _ => 64 };

var root = new RootCommand("Tries options on the small TinyChat, then trains the larger one with the best of them.") { output, prompts, heldOut };
root.SetAction((arguments, cancellation) => Task.Run(
    () => new TwoSizes(arguments.GetRequiredValue(output), arguments.GetValue(prompts), arguments.GetValue(heldOut), cancellation).Run(),
    cancellation));

return await ConsoleProgram.RunAsync(root, args);
