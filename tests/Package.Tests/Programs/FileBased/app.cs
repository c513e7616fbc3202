#:package MLNet.Dpo@$(LibraryVersion)
#:package $(LibtorchPackage)@2.10.0

using Microsoft.ML;
using MLNet.Dpo;

Console.WriteLine($"json by reflection: {System.Text.Json.JsonSerializer.IsReflectionEnabledByDefault}");
var ml = new MLContext(seed: 1);
var pairs = ml.Preferences.Load("train.jsonl");
var pipeline = ml.Preferences.Tokenize("path/to/model")
    .Append(ml.Preferences.Trainers.Dpo(new DpoTrainer.Options { BaseModel = "path/to/model", OutputDirectory = "run", SaveSteps = 1 }));
var model = pipeline.Fit(pairs);
ml.Preferences.SaveZip(model, pairs.Schema, "style.zip");
model.LastTransformer.SaveAdapter("adapter");
model.LastTransformer.SaveModelFolder("merged");

var loaded = ml.Model.Load("style.zip", out _);
var metrics = ml.Preferences.Evaluate(ml.Preferences.Score(loaded, pairs));
Console.WriteLine($"{metrics.PairCount} pairs");
Console.WriteLine(ml.Preferences.Generate(loaded, "hi!"));
