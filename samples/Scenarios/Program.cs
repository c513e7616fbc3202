using System.CommandLine;
using Microsoft.ML;
using MLNet.Dpo;
using Scenarios;
using TinyChat;

var prompts = new Option<int>("--prompts") { Description = "Prompts to sample and train on, for each scenario.", DefaultValueFactory = _ => 60 };
var only = new Option<string[]>("--only") { Description = "Some of them: " + string.Join(", ", Scenario.All.Select(s => s.Name)) + ".", AllowMultipleArgumentsPerToken = true };

var root = new RootCommand("The places where DPO is used, as small sets with a scorer each, before and after.") { prompts, only };
root.SetAction((arguments, cancellation) => Task.Run(
    () =>
    {
        var names = arguments.GetValue(only) is { Length: > 0 } some ? some : [.. Scenario.All.Select(s => s.Name)];
        if (names.FirstOrDefault(name => Scenario.All.All(s => s.Name != name)) is { } unknown)
            throw new ArgumentException($"--only is \"{unknown}\"; the scenarios are {string.Join(", ", Scenario.All.Select(s => s.Name))}.");
        var ml = new MLContext(seed: 1);
        var untuned = ml.Preferences.LoadPretrained(ScenarioModel.BaseModelPath);
        var run = new ScenarioRun(ml, untuned, arguments.GetValue(prompts), cancellation);
        foreach (var scenario in Scenario.All.Where(s => names.Contains(s.Name)))
            run.Run(scenario);
        untuned.LastTransformer.Dispose();
        Console.WriteLine("\nWhat TinyChat cannot show: long texts and code, expert knowledge beyond its facts, harmful requests (it was taught none), more of a user's history than one wish.");
    },
    cancellation));

return await ConsoleProgram.RunAsync(root, args);
