using TinyChat.Intents;

namespace TinyChat;

/// <summary>
/// Small talk and simple knowledge in English and Chinese, every answer in a terse or a lengthy style: what TinyChat learns from,
/// and the prompts that it is asked afterwards. The same seed gives the same rows.
/// </summary>
public static class TinyChatCorpus
{
    /// <summary>One wording in this many is held out, chosen by a hash of the wording.</summary>
    public const int HeldOutOneIn = 8;

    /// <summary>Everything that can be talked about.</summary>
    public static IReadOnlyList<Intent> Intents { get; } =
    [
        .. Greetings.All, .. Courtesy.All, .. Identity.All, .. Abilities.All, .. Feelings.All, .. Chatter.All, .. Introductions.All,
        .. Arithmetic.All, .. Counting.All, .. Capitals.All, .. Colours.All, .. Calendar.All, .. Opposites.All, .. Animals.All,
    ];

    /// <summary>The intent called <paramref name="name"/> in <paramref name="language"/>.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static Intent Find(string name, Language language) =>
        Intents.FirstOrDefault(i => i.Name == name && i.Language == language)
        ?? throw new ArgumentException($"There is no intent \"{name}\" in {language}; the names are those of TinyChatCorpus.Intents.", nameof(name));

    /// <summary>The part that <paramref name="prompt"/> belongs to. "hi!" always belongs to training.</summary>
    public static PromptSplit SplitOf(string prompt)
    {
        var wording = Text.Wording(prompt);
        return wording is not ("hi" or "你好") && Text.StableHash(wording) % HeldOutOneIn == 0 ? PromptSplit.HeldOut : PromptSplit.Training;
    }

    /// <summary>
    /// <paramref name="rows"/> dialogues for supervised fine-tuning, half of the answers terse. One in twenty has two questions, one in twenty
    /// begins with a system message.
    /// </summary>
    public static IEnumerable<TrainingRow> Training(int seed, int rows)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        var sampler = new CorpusSampler(Intents, seed);
        return Enumerable.Range(0, rows).Select(_ => sampler.NextRow());
    }

    /// <summary>
    /// <paramref name="count"/> different prompts of one part, spread evenly over the intents (as far as they reach) and mixed.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">More prompts are asked for than the part has.</exception>
    public static IReadOnlyList<DemoPrompt> DemoPrompts(PromptSplit split, int seed, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        var sampler = new CorpusSampler(Intents, seed);
        var prompts = new Dictionary<string, DemoPrompt>();
        for (var round = 0; prompts.Count < count; round++)
        {
            if (round > 10_000)
                throw new ArgumentOutOfRangeException(nameof(count), $"{count} prompts were asked for, but the {split} part gave only {prompts.Count}.");
            foreach (var intent in sampler.Shuffle(Intents))
            {
                if (prompts.Count < count && sampler.TryPrompt(intent, split) is { } asked)
                    prompts.TryAdd(Text.Wording(asked.Prompt), asked);
            }
        }
        return sampler.Shuffle([.. prompts.Values]);
    }
}
