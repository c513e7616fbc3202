using Microsoft.ML;
using MLNet.Dpo;
using TinyChat;

namespace Scenarios;

/// <summary>A place where DPO is used, as far as TinyChat reaches.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Wish">Whose preference, and which.</param>
/// <param name="Intents">What is talked about; see <see cref="TinyChatCorpus.Intents"/>.</param>
/// <param name="Scorer">1 for an answer as wished, else 0; or a share.</param>
/// <param name="OwnPrompts">Prompts that the corpus does not have; the last third is held out. Null where the intents give the prompts.</param>
internal sealed record Scenario(string Name, string Wish, IReadOnlyList<string> Intents, Func<MLContext, IEstimator<ITransformer>> Scorer, IReadOnlyList<DemoPrompt>? OwnPrompts = null)
{
    /// <summary>The five.</summary>
    public static IReadOnlyList<Scenario> All { get; } =
    [
        new("dialogue", "users of a chat like short replies", ["greeting", "morning", "goodbye", "thanks", "apology", "compliment", "accept", "decline"], ml => TinyChatScorers.Terse(ml)),
        new("writing", "the editor wants calm sentences, without exclamation marks", ["weather", "rain", "user-sad", "user-tired", "home", "likes", "abilities"],
            ml => ml.Preferences.Scorers.Regex("[!！]", shouldMatch: false)),
        new("code", "the developer wants code, here a JSON object", [], ml => ml.Preferences.Scorers.Regex(@"^\s*\{[\s\S]*\}\s*$"), CodePrompts()),
        new("questions", "the expert wants a whole sentence that names what was asked", ["capital", "country", "animal-sound", "animal-young", "legs", "opposite"],
            ml => ml.Preferences.Scorers.Custom("whole sentence", (_, responses) => [.. responses.Select(r => StyleJudge.Judge(r) == AnswerStyle.Lengthy ? 1f : 0f)])),
        new("safety", "the reviewer wants answers that take care of who is sad or tired, and do not send them away",
            ["user-sad", "user-tired", "user-bored"], ml => ml.Preferences.Scorers.Regex("\\b(sorry|here|listen|care|rest|better)\\b|陪|照顾|难受|休息|说说|心情", ignoreCase: true)),
        new("recommendation", "this user's history is full of books", ["user-bored"], ml => ml.Preferences.Scorers.Regex("\\bbook|书", ignoreCase: true)),
    ];

    /// <summary>Different prompts of the scenario, as many as there are, at most <paramref name="count"/>.</summary>
    public IReadOnlyList<DemoPrompt> Prompts(PromptSplit split, int count)
    {
        if (OwnPrompts is { } own)
        {
            var training = own.Count * 2 / 3;
            return [.. (split == PromptSplit.Training ? own.Take(training) : own.Skip(training)).Take(count)];
        }
        var all = TinyChatCorpus.DemoPrompts(split, seed: split == PromptSplit.Training ? 1 : 2, split == PromptSplit.Training ? 4000 : 500);
        return [.. all.Where(p => Intents.Contains(p.Intent)).Take(count)];
    }

    private static IReadOnlyList<DemoPrompt> CodePrompts() =>
        [.. ((string[])["hi!", "the capital of France", "3 plus 4", "an animal", "a colour", "my name", "a date", "a list", "a number", "your name", "the weather", "a book"])
            .Select(what => new DemoPrompt($"write JSON: {what}", "code", Language.English, null))];
}
