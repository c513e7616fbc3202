namespace TinyChat;

/// <summary>Draws prompts, answers and dialogues from intents with one seeded source of randomness.</summary>
internal sealed class CorpusSampler
{
    private const int Tries = 64;

    private static readonly string[] EnglishSystem =
        ["You are TinyChat, a small assistant.", "You are a helpful assistant.", "You are a friendly assistant."];

    private static readonly string[] ChineseSystem = ["你是小聊，一个小助手。", "你是一个友好的助手。", "你是一个乐于助人的助手。"];

    private readonly Random _random;
    private readonly IReadOnlyList<Intent> _intents;
    private readonly double _totalWeight;
    private readonly Dictionary<string, IReadOnlyList<string>> _expanded = [];

    /// <summary>A sampler over <paramref name="intents"/>.</summary>
    public CorpusSampler(IReadOnlyList<Intent> intents, int seed)
    {
        _intents = intents;
        _random = new Random(seed);
        _totalWeight = intents.Sum(i => i.Weight);
    }

    /// <summary>The next dialogue of the training part.</summary>
    public TrainingRow NextRow()
    {
        var intent = NextIntent(_intents, _totalWeight);
        var messages = new List<Turn>();
        if (_random.Next(20) == 0)
            messages.Add(new Turn("system", Pick(intent.Language == Language.English ? EnglishSystem : ChineseSystem)));
        if (_random.Next(20) == 0)
            AddExchange(messages, NextIntentIn(intent.Language));
        var (prompt, style) = AddExchange(messages, intent);
        return new TrainingRow(messages, prompt, style);
    }

    /// <summary>A prompt of <paramref name="intent"/> that belongs to <paramref name="split"/>, or null when some tries found none.</summary>
    public DemoPrompt? TryPrompt(Intent intent, PromptSplit split) => TryAsk(intent, split)?.Prompt;

    /// <summary>The items in a random order.</summary>
    public IReadOnlyList<T> Shuffle<T>(IReadOnlyList<T> items)
    {
        var mixed = items.ToArray();
        _random.Shuffle(mixed);
        return mixed;
    }

    private (DemoPrompt Prompt, AnswerStyle Style) AddExchange(List<Turn> messages, Intent intent)
    {
        var (prompt, fact) = TryAsk(intent, PromptSplit.Training)
            ?? throw new InvalidOperationException($"The intent \"{intent.Name}\" in {intent.Language} has no training wording.");
        var style = _random.Next(2) == 0 ? AnswerStyle.Terse : AnswerStyle.Lengthy;
        var answer = Phrases.Fill(PickPhrase(style == AnswerStyle.Terse ? intent.Terse : intent.Lengthy), fact.Slots);
        messages.Add(new Turn("user", prompt.Prompt));
        messages.Add(new Turn("assistant", answer));
        return (prompt, style);
    }

    private (DemoPrompt Prompt, Fact Fact)? TryAsk(Intent intent, PromptSplit split)
    {
        for (var i = 0; i < Tries; i++)
        {
            var fact = intent.HasKnownAnswer ? Pick(intent.Facts) : Fact.None;
            var prompt = Word(intent, fact);
            if (TinyChatCorpus.SplitOf(prompt) == split)
                return (new DemoPrompt(prompt, intent.Name, intent.Language, intent.HasKnownAnswer ? fact.Answer : null), fact);
        }
        return null;
    }

    private string Word(Intent intent, Fact fact)
    {
        var choice = _random.Next(intent.Wordings.Count + intent.BareWordings.Count);
        var framed = choice < intent.Wordings.Count;
        var pattern = framed ? intent.Wordings[choice] : intent.BareWordings[choice - intent.Wordings.Count];
        var wording = Phrases.Fill(Pick(Expand(pattern)), fact.Slots);
        if (framed)
            wording = Pick(Frames.Starts(intent)) + wording + Pick(Frames.Ends(intent));
        return Case(wording) + Pick(Frames.Punctuation(intent));
    }

    /// <summary>People begin with a capital letter, or write everything in small letters.</summary>
    private string Case(string wording) =>
        _random.Next(2) == 0 ? wording.ToLowerInvariant() : char.ToUpperInvariant(wording[0]) + wording[1..];

    private Intent NextIntentIn(Language language)
    {
        var candidates = _intents.Where(i => i.Language == language).ToList();
        return NextIntent(candidates, candidates.Sum(i => i.Weight));
    }

    private Intent NextIntent(IReadOnlyList<Intent> intents, double totalWeight)
    {
        var at = _random.NextDouble() * totalWeight;
        foreach (var intent in intents)
        {
            at -= intent.Weight;
            if (at < 0)
                return intent;
        }
        return intents[^1];
    }

    private string PickPhrase(IReadOnlyList<string> patterns) => Pick(Expand(Pick(patterns)));

    private IReadOnlyList<string> Expand(string pattern)
    {
        if (!_expanded.TryGetValue(pattern, out var phrases))
            _expanded[pattern] = phrases = Phrases.Expand(pattern);
        return phrases;
    }

    private T Pick<T>(IReadOnlyList<T> items) => items[_random.Next(items.Count)];
}
