using Microsoft.ML;

// Names nothing of the library: ML.NET finds its classes by what the zip says.
var ml = new MLContext();
var model = ml.Model.Load(args[0], out _);
var chat = ml.Model.CreatePredictionEngine<ChatPrompt, ChatReply>(model);
Console.WriteLine(chat.Predict(new ChatPrompt { Prompt = "hi!" }).Completion);

class ChatPrompt { public string Prompt { get; set; } = ""; }
class ChatReply { public string Completion { get; set; } = ""; }
