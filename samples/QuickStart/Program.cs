using System.CommandLine;
using QuickStart;
using TinyChat;

var data = new Option<FileInfo?>("--data") { Description = "Your own preference file (JSON or JSON lines); with --model." };
var model = new Option<DirectoryInfo?>("--model") { Description = "Your own model, a Hugging Face folder; with --data." };
var tokenizer = new Option<DirectoryInfo?>("--tokenizer") { Description = "The folder of its tokenizer, where the model's folder has none." };
var output = new Option<DirectoryInfo>("--output") { Description = "The folder to write to.", DefaultValueFactory = _ => new DirectoryInfo(Path.Combine("artifacts", "quickstart")) };
var consume = new Option<string[]>("--consume") { Description = "A saved model.zip and the prompts to answer with it.", AllowMultipleArgumentsPerToken = true, Hidden = true };

var root = new RootCommand("Makes a chat model answer in one style with Direct Preference Optimization; with --data and --model, tunes your model on your preferences.")
{
    data, model, tokenizer, output, consume,
};
root.SetAction((arguments, cancellation) => Task.Run(
    () =>
    {
        var folder = arguments.GetRequiredValue(output);
        if (arguments.GetValue(consume) is { Length: > 0 } consumed)
            Consume(consumed);
        else if (arguments.GetValue(data) is { } file)
            new OwnData(file, arguments.GetValue(model) ?? throw new ArgumentException("--data also needs --model, the folder of the model to tune."), arguments.GetValue(tokenizer), folder, cancellation).Run();
        else if (arguments.GetValue(model) is not null || arguments.GetValue(tokenizer) is not null)
            throw new ArgumentException("--model and --tokenizer also need --data, the preference file to tune on.");
        else
            new StyleDemo(folder, cancellation).Run();
    },
    cancellation));

return await ConsoleProgram.RunAsync(root, args);

static void Consume(string[] modelAndPrompts)
{
    if (modelAndPrompts is not [var modelPath, _, ..])
        throw new ArgumentException("--consume needs a model file and at least one prompt.");
    var engine = StyleModel.CreatePredictEngine(modelPath);
    foreach (var prompt in modelAndPrompts[1..])
        Console.WriteLine($"{prompt.ReplaceLineEndings(" ")} -> {engine.Predict(new StyleModel.ModelInput { Prompt = prompt }).Completion.ReplaceLineEndings(" ")}");
}
