using System.CommandLine;
using RolePlay;
using TinyChat;

var output = new Option<DirectoryInfo>("--output") { Description = "The folder to write to.", DefaultValueFactory = _ => new DirectoryInfo(Path.Combine("artifacts", "role-play")) };
var prompts = new Option<int>("--prompts") { Description = "Prompts to sample and train on.", DefaultValueFactory = _ => 240 };
var heldOut = new Option<int>("--held-out") { Description = "Wordings to compare on.", DefaultValueFactory = _ => 64 };

var root = new RootCommand("Puts a role into TinyChat's weights, and compares it with the untuned model, with and without shots in the prompt.") { output, prompts, heldOut };
root.SetAction((arguments, cancellation) => Task.Run(
    () => new RoleStory(arguments.GetRequiredValue(output), arguments.GetValue(prompts), arguments.GetValue(heldOut), cancellation).Run(), cancellation));

return await ConsoleProgram.RunAsync(root, args);
