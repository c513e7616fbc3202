using System.CommandLine;
using MLNet.Dpo;
using QuickStart;
using TinyChat;

var output = new Option<DirectoryInfo>("--output") { Description = "The folder to write to.", DefaultValueFactory = _ => new DirectoryInfo(Path.Combine("artifacts", "quickstart")) };
var heldOut = new Option<int>("--held-out") { Description = "The seed by which the demo draws the held-out wordings; training does not depend on it.", DefaultValueFactory = _ => 2 };
var turned = new Option<bool>("--turned") { Description = "Turns the demo's wish round: lengthy answers are preferred to terse ones." };
var data = new Option<FileInfo?>("--data") { Description = "Your own preference file (JSON or JSON lines); with --model." };
var model = new Option<DirectoryInfo?>("--model") { Description = "Your own model, a Hugging Face folder; with --data." };
var tokenizer = new Option<DirectoryInfo?>("--tokenizer") { Description = "The folder of its tokenizer, where the model's folder has none." };
var beta = new Option<double>("--beta") { Description = "How strongly the model is held to what it was; 0.1 to 0.5 is usual.", DefaultValueFactory = _ => 0.1 };
var learningRate = new Option<double>("--learning-rate") { Description = "The highest learning rate.", DefaultValueFactory = _ => 2e-4 };
var epochs = new Option<int>("--epochs") { Description = "Passes over your data.", DefaultValueFactory = _ => 2 };
var maxLength = new Option<int>("--max-length") { Description = "The most tokens of prompt and response together.", DefaultValueFactory = _ => 512 };
var consume = new Option<string[]>("--consume") { Description = "A saved model.zip and prompts to answer with it.", AllowMultipleArgumentsPerToken = true };

var root = new RootCommand("Makes a chat model answer in one style with Direct Preference Optimization; with --data and --model, tunes your model on your preferences.")
{
    output, heldOut, turned, data, model, tokenizer, beta, learningRate, epochs, maxLength, consume,
};
root.SetAction((arguments, cancellation) => Task.Run(
    () =>
    {
        if (arguments.GetValue(consume) is { Length: > 0 } consumed)
            Consume(consumed);
        else if (arguments.GetValue(data) is { } file)
        {
            if (FirstGiven(arguments, heldOut, turned) is { } foreign)
                throw new ArgumentException($"{foreign.Name} is for the demo on TinyChat and cannot stand with --data; leave one of them out.");
            new OwnData(file, OwnOptions(arguments, cancellation), arguments.GetRequiredValue(output)).Run();
        }
        else if (FirstGiven(arguments, model, tokenizer, beta, learningRate, epochs, maxLength) is { } lonely)
        {
            throw new ArgumentException($"{lonely.Name} also needs --data, the preference file to tune on.");
        }
        else
        {
            new StyleDemo(arguments.GetRequiredValue(output), arguments.GetValue(turned) ? AnswerStyle.Lengthy : AnswerStyle.Terse, arguments.GetValue(heldOut), cancellation).Run();
        }
    },
    cancellation));

return await ConsoleProgram.RunAsync(root, args);

static Option? FirstGiven(ParseResult arguments, params Option[] options) => options.FirstOrDefault(o => arguments.GetResult(o) is { Implicit: false });

DpoTrainer.Options OwnOptions(ParseResult arguments, CancellationToken cancellation) => new()
{
    BaseModel = arguments.GetValue(model)?.FullName ?? throw new ArgumentException("--data also needs --model, the folder of the model to tune."),
    Tokenizer = arguments.GetValue(tokenizer)?.FullName,
    Beta = arguments.GetValue(beta),
    LearningRate = arguments.GetValue(learningRate),
    Epochs = arguments.GetValue(epochs),
    BatchSize = 8,
    MaxLength = arguments.GetValue(maxLength),
    Lora = new LoraOptions { Rank = 16, Alpha = 32 },
    Seed = 1,
    OutputDirectory = arguments.GetRequiredValue(output).FullName,
    CancellationToken = cancellation,
};

static void Consume(string[] modelAndPrompts)
{
    if (modelAndPrompts is not [var modelPath, _, ..])
        throw new ArgumentException("--consume needs a model file and at least one prompt.");
    var engine = StyleModel.CreatePredictEngine(modelPath);
    foreach (var prompt in modelAndPrompts[1..])
        Console.WriteLine($"{prompt.ReplaceLineEndings(" ")} -> {engine.Predict(new StyleModel.ModelInput { Prompt = prompt }).Completion.ReplaceLineEndings(" ")}");
}
