using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace TinyChat;

/// <summary>Writes the corpus as JSON lines.</summary>
public static class CorpusFiles
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // 你好 stays readable in the file
        Converters = { new JsonStringEnumConverter() },
    };

    /// <summary>Writes rows <c>{"messages":[{"role":"user","content":"hi!"},{"role":"assistant","content":"Hi!"}]}</c>.</summary>
    public static void WriteTraining(string path, IEnumerable<TrainingRow> rows) =>
        File.WriteAllLines(path, rows.Select(row => JsonSerializer.Serialize(new { row.Messages }, Json)));

    /// <summary>Writes rows <c>{"prompt":"what is 3 plus 4?","intent":"addition","language":"en","answer":"7"}</c>.</summary>
    public static void WritePrompts(string path, IEnumerable<DemoPrompt> prompts) =>
        File.WriteAllLines(path, prompts.Select(p => JsonSerializer.Serialize(
            new { p.Prompt, p.Intent, Language = p.Language == Language.English ? "en" : "zh", p.Answer }, Json)));
}
