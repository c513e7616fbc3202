using TinyChat;
using Xunit;

namespace MLNet.Dpo.Tests.Samples;

public sealed class TinyChatCorpusTests
{
    private static readonly Lazy<List<TrainingRow>> Rows = new(() => [.. TinyChatCorpus.Training(seed: 1, rows: 40_000)]);

    private static readonly Lazy<IReadOnlyList<DemoPrompt>> HeldOut = new(() => TinyChatCorpus.DemoPrompts(PromptSplit.HeldOut, seed: 1, count: 1_000));

    [Fact]
    public void Intents_EveryAnswer_HasTheStyleItIsListedUnder()
    {
        foreach (var intent in TinyChatCorpus.Intents)
        {
            foreach (var fact in intent.HasKnownAnswer ? intent.Facts : [Fact.None])
            {
                Assert.All(Answers(intent.Terse, fact), answer => Assert.Equal(AnswerStyle.Terse, StyleJudge.Judge(answer)));
                Assert.All(Answers(intent.Lengthy, fact), answer => Assert.Equal(AnswerStyle.Lengthy, StyleJudge.Judge(answer)));
            }
        }
    }

    [Fact]
    public void Intents_EveryPhrase_HasItsSlotsFilled()
    {
        foreach (var intent in TinyChatCorpus.Intents)
        {
            foreach (var fact in intent.HasKnownAnswer ? intent.Facts : [Fact.None])
            {
                var phrases = Answers([.. intent.Terse, .. intent.Lengthy, .. intent.Wordings, .. intent.BareWordings], fact);
                Assert.All(phrases, phrase => Assert.DoesNotMatch(@"[{}()|]|  |^ | $|\?", phrase.TrimEnd('?').Replace("? ", "", StringComparison.Ordinal)));
            }
        }
    }

    [Fact]
    public void Intents_OfOneLanguage_HaveDifferentNames() =>
        Assert.Equal(TinyChatCorpus.Intents.Count, TinyChatCorpus.Intents.DistinctBy(i => (i.Name, i.Language)).Count());

    [Fact]
    public void Training_EveryAnswer_IsRightByItsOwnJudge() =>
        Assert.All(Rows.Value, row => Assert.True(AnswerJudge.IsSensible(row.Prompt, row.Response), $"{row.Prompt} -> {row.Response}"));

    [Fact]
    public void Training_Styles_AreHalfAndHalf()
    {
        var terse = Rows.Value.Count(row => row.Style == AnswerStyle.Terse) / (double)Rows.Value.Count;
        Assert.InRange(terse, 0.48, 0.52);
    }

    [Fact]
    public void Training_NoUserMessage_IsAHeldOutWording()
    {
        var heldOut = HeldOut.Value.Select(p => TinyChat.Text.Wording(p.Prompt)).ToHashSet();
        Assert.Equal(1_000, heldOut.Count);
        Assert.All(Rows.Value, row => Assert.All(
            row.Messages.Where(m => m.Role == "user"), m => Assert.DoesNotContain(TinyChat.Text.Wording(m.Content), heldOut)));
    }

    [Fact]
    public void Training_EveryHeldOutFact_OccursUnderOtherWordings()
    {
        var seen = Rows.Value.Select(row => (row.Prompt.Intent, row.Prompt.Language, row.Prompt.Answer)).ToHashSet();
        Assert.All(HeldOut.Value, p => Assert.Contains((p.Intent, p.Language, p.Answer), seen));
    }

    [Fact]
    public void Training_SameSeed_GivesTheSameRows()
    {
        static IEnumerable<string> Lines(int seed) =>
            TinyChatCorpus.Training(seed, 200).Select(row => string.Join("\n", row.Messages.Select(m => m.Role + ": " + m.Content)));
        Assert.Equal(Lines(7), Lines(7));
        Assert.NotEqual(Lines(7), Lines(8));
    }

    [Fact]
    public void DemoPrompts_CoverEveryIntentOfBothLanguages()
    {
        var prompts = TinyChatCorpus.DemoPrompts(PromptSplit.HeldOut, seed: 3, count: TinyChatCorpus.Intents.Count);
        Assert.Equal(TinyChatCorpus.Intents.Count, prompts.DistinctBy(p => (p.Intent, p.Language)).Count());
        Assert.All(prompts, p => Assert.Equal(PromptSplit.HeldOut, TinyChatCorpus.SplitOf(p.Prompt)));
    }

    private static IEnumerable<string> Answers(IReadOnlyList<string> patterns, Fact fact) =>
        patterns.SelectMany(Phrases.Expand).Select(phrase => Phrases.Fill(phrase, fact.Slots));
}
