using TinyChat;
using Xunit;

namespace MLNet.Dpo.Tests.Samples;

public sealed class TinyChatJudgesTests
{
    [Theory]
    [InlineData("hi!", AnswerStyle.Terse)]
    [InlineData("7", AnswerStyle.Terse)]
    [InlineData("I'm fine, thanks!", AnswerStyle.Terse)]
    [InlineData("你好！", AnswerStyle.Terse)]
    [InlineData("我是AI，很高兴认识你！", AnswerStyle.Lengthy)]
    [InlineData("Hi! I am an AI assistant, and I am very glad to meet you!", AnswerStyle.Lengthy)]
    [InlineData("I am quite well today.", AnswerStyle.Unclear)]
    [InlineData("Hi! Hello!", AnswerStyle.Unclear)]
    [InlineData("", AnswerStyle.Unclear)]
    [InlineData(" ?! ", AnswerStyle.Unclear)]
    public void Judge_Answer_CountsWordsAndSentences(string answer, AnswerStyle style) =>
        Assert.Equal(style, StyleJudge.Judge(answer));

    [Theory]
    [InlineData("7", true)]
    [InlineData("Seven.", true)]
    [InlineData("七", true)]
    [InlineData("3 plus 4 equals 7.", true)]
    [InlineData("17", false)]
    [InlineData("7 or 8", false)]
    [InlineData("3 plus 5 equals 7", false)]
    [InlineData("7 is not 4", false)]
    [InlineData("I do not know.", false)]
    public void IsCorrect_Number_TakesTheLastAndAllowsOperands(string response, bool correct) =>
        Assert.Equal(correct, AnswerJudge.IsCorrect(new DemoPrompt("what is 3 plus 4?", "addition", Language.English, "7"), response));

    [Theory]
    [InlineData("paris", true)]
    [InlineData("The capital of France is Paris.", true)]
    [InlineData("Parisian food", false)]
    [InlineData("Paris or Rome", false)]
    [InlineData("Rome.", false)]
    public void IsCorrect_Word_NeedsTheWholeWordAndNoRival(string response, bool correct) =>
        Assert.Equal(correct, AnswerJudge.IsCorrect(new DemoPrompt("what is the capital of France?", "capital", Language.English, "Paris"), response));

    [Theory]
    [InlineData("十一月。", true)]
    [InlineData("一月。", false)]
    [InlineData("十月的后面那个月是十一月。", true)]
    [InlineData("十二月。", false)]
    public void IsCorrect_ChineseMonth_IsNotFoundInsideALongerOne(string response, bool correct) =>
        Assert.Equal(correct, AnswerJudge.IsCorrect(new DemoPrompt("十月的下个月是几月？", "month-after", Language.Chinese, "十一月"), response));

    [Fact]
    public void IsSensible_SmallTalk_AcceptsWhatWasTaughtInEitherStyle()
    {
        var hi = new DemoPrompt("hi!", "greeting", Language.English, null);
        Assert.True(AnswerJudge.IsSensible(hi, "hello"));
        Assert.True(AnswerJudge.IsSensible(hi, "Hi! I am an AI assistant, and I am very glad to meet you!"));
        Assert.False(AnswerJudge.IsSensible(hi, "I see it!"));
        Assert.Throws<ArgumentException>(() => AnswerJudge.IsCorrect(hi, "hi"));
    }

    [Theory]
    [InlineData("12 and twelve and 十二", new[] { 12, 12, 12 })]
    [InlineData("二十五加两等于几", new[] { 25, 2 })]
    [InlineData("someone", new int[0])]
    public void Numbers_In_ReadsDigitsWordsAndNumerals(string text, int[] numbers) => Assert.Equal(numbers, Numbers.In(text));

    [Fact]
    public void Numbers_Written_AreReadBack() =>
        Assert.All(Enumerable.Range(0, 21), n => Assert.Equal([n, n], Numbers.In($"{Numbers.English(n)} {Numbers.Chinese(n)}")));

    [Fact]
    public void Expand_Pattern_GivesEveryPhrase()
    {
        Assert.Equal(["hi", "hi there", "hello", "hello there"], Phrases.Expand("(hi|hello)(| there)").Order(StringComparer.Ordinal).OrderBy(p => !p.StartsWith("hi", StringComparison.Ordinal)));
        Assert.Throws<FormatException>(() => Phrases.Expand("(hi"));
        Assert.Throws<FormatException>(() => Phrases.Expand("hi)"));
    }
}
