using Microsoft.ML;
using Xunit;

namespace MLNet.Dpo.Tests.Experiments;

/// <summary>Prompts with expected answers: how a file is read, and what counts as right.</summary>
public sealed class EvaluationSetTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _ml = new(seed: 1);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("""{"prompt": "p", "exact": "Paris"}""", " Paris\n", true)]
    [InlineData("""{"prompt": "p", "expected": "Paris"}""", "paris", false)]
    [InlineData("""{"prompt": "p", "expected": ["Paris", "Lyon"], "ignore_case": true}""", "LYON", true)]
    [InlineData("""{"prompt": "p", "contains": ["a", "b"]}""", "xbxa", true)]
    [InlineData("""{"prompt": "p", "contains": ["a", "b"]}""", "xb", false)]
    [InlineData("""{"prompt": "p", "contains": "PARIS", "ignore_case": true}""", "In Paris.", true)]
    [InlineData("""{"prompt": "p", "regex": "^\\d+ eggs?$"}""", "12 eggs", true)]
    [InlineData("""{"prompt": "p", "regex": "^\\d+ eggs?$"}""", "a dozen eggs", false)]
    [InlineData("""{"prompt": "p", "numeric": 1234.5}""", "First 3, then 1,234.50.", true)]
    [InlineData("""{"prompt": "p", "numeric": -4}""", "It is -4", true)]
    [InlineData("""{"prompt": "p", "numeric": 5}""", "10-5", true)]
    [InlineData("""{"prompt": "p", "numeric": 4}""", "4 or 5", false)]
    [InlineData("""{"prompt": "p", "numeric": 3.14, "tolerance": 0.01}""", "3.1416", true)]
    [InlineData("""{"prompt": "p", "numeric": 3}""", "three", false)]
    [InlineData("""{"messages": [{"role": "user", "content": "p"}], "exact": "a"}""", "a", true)]
    public void IsRight_OfACase_IsAsTheFileSays(string line, string answer, bool expected) =>
        Assert.Equal(expected, Assert.Single(_ml.Preferences.LoadEvaluationSet(_folder.Write("cases.jsonl", line))).Expected.IsRight(answer));

    [Theory]
    [InlineData("""{"prompt": "p"}""", "line 2: expected one of expected, exact")]
    [InlineData("""{"prompt": "p", "exact": "a", "regex": "b"}""", "it has exact and regex")]
    [InlineData("""{"exact": "a"}""", "either prompt or messages")]
    [InlineData("""{"prompt": "p", "messages": [], "exact": "a"}""", "either prompt or messages")]
    [InlineData("""{"messages": [], "exact": "a"}""", "messages is an empty array")]
    [InlineData("""{"prompt": 3, "exact": "a"}""", "prompt is 3; expected a text")]
    [InlineData("""{"prompt": "p", "regex": "("}""", "no regular expression")]
    [InlineData("""{"prompt": "p", "numeric": "4"}""", "numeric is \"4\"; expected a number")]
    [InlineData("""{"prompt": "p", "numeric": 4, "tolerance": -1}""", "tolerance is -1")]
    [InlineData("""{"prompt": "p", "exact": "4", "tolerance": 1}""", "tolerance is only for numeric")]
    [InlineData("""{"prompt": "p", "numeric": 4, "ignore_case": true}""", "ignore_case is not for numeric")]
    [InlineData("""{"prompt": "p", "contains": []}""", "no expected text")]
    [InlineData("""{"prompt": "p", "contains": ["a", 3]}""", "a text or a list of texts")]
    [InlineData("""{"prompt": "p", "answer": "a"}""", "the key 'answer' is not known")]
    [InlineData("""{"prompt": "p", "judge": " "}""", "line 2")]
    [InlineData("""{"prompt": "p", "exact": null}""", "exact is null")]
    [InlineData("""{"prompt": "p",""", "line 2: not a JSON object")]
    [InlineData("""[1]""", "expected a JSON object")]
    [InlineData("""{"prompt": "p", "id": "first", "exact": "a"}""", "the id 'first' stands 2 times")]
    public void LoadEvaluationSet_ALineThatIsNoCase_IsNamed(string line, string expected)
    {
        var path = _folder.Write("cases.jsonl", "{\"id\": \"first\", \"prompt\": \"p\", \"exact\": \"a\"}\n" + line + "\n");
        var error = Assert.Throws<PreferenceDataException>(() => _ml.Preferences.LoadEvaluationSet(path));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Contains("cases.jsonl", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void LoadEvaluationSet_NothingThere_IsAnError()
    {
        Assert.Contains("no such file", Assert.Throws<PreferenceDataException>(() => _ml.Preferences.LoadEvaluationSet(_folder["none"])).Message, StringComparison.Ordinal);
        Assert.Contains("no cases", Assert.Throws<PreferenceDataException>(() => _ml.Preferences.LoadEvaluationSet(_folder.Write("empty", "\n"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void EvaluateAnswers_AModelAndItsCheckpoint_AreComparedCaseByCase()
    {
        using var before = _ml.Preferences.LoadPretrained(Fixtures.Llama, Fixtures.TinyChatml, "cpu");
        using var after = TinyRuns.Train(_ml, _folder["run"], o => o.LearningRate = 0.05);
        var options = new AnswerEvaluationOptions { Generation = new GenerationOptions { MaxNewTokens = 6 } };
        // What each model says is what is right for some of the prompts, so that all four kinds are there.
        string[] prompts = ["Hi!", "What is 2 + 2?", "Why?", "Who?"];
        var (said, says) = (prompts.Select(p => _ml.Preferences.Generate(before, p, options.Generation)).ToList(), prompts.Select(p => _ml.Preferences.Generate(after, p, options.Generation)).ToList());
        Assert.All(said.Zip(says), pair => Assert.NotEqual(pair.First, pair.Second));
        EvaluationCase[] cases =
        [
            new(prompts[0], "", ExpectedAnswer.Exact(false, said[0])) { Name = "lost" },
            new(prompts[1], "", ExpectedAnswer.Exact(false, says[1])) { Name = "won" },
            new("", $$"""[{"role": "user", "content": "{{prompts[2]}}"}]""", ExpectedAnswer.Exact(false, said[2], says[2])) { Name = "kept" },
            new(prompts[3], "", ExpectedAnswer.Contains(false, "neither says this")) { Name = "never" },
        ];
        var first = _ml.Preferences.EvaluateAnswers(before, cases, options);
        var change = _ml.Preferences.EvaluateAnswers(after, cases, options).ComparedTo(first);
        Assert.Equal([true, false, true, false], change.Before.Answers.Select(a => a.IsRight));
        Assert.Equal([false, true, true, false], change.After.Answers.Select(a => a.IsRight));
        Assert.Equal("lost", Assert.Single(change.Worse).Case.Name);
        Assert.Equal("won", Assert.Single(change.Better).Case.Name);
        Assert.Equal(0, change.Difference.Mean, 9);
        Assert.True(change.Difference.Lower < 0 && change.Difference.Upper > 0);
        Assert.Equal(0.15, change.After.Accuracy.Lower, 0.01); // Wilson of 2 of 4
        Assert.Contains("worse: lost", change.ToString(), StringComparison.Ordinal);
        Assert.Contains("never", change.After.ToString(), StringComparison.Ordinal);
        change.SaveHtml(_folder["change.html"]);
        foreach (var part in new[] { "Worse (1)", "Better (1)", "Right before and after (1)" }) Assert.Contains(part, File.ReadAllText(_folder["change.html"]), StringComparison.Ordinal);
        Assert.Contains("different cases", Assert.Throws<ArgumentException>(() => _ml.Preferences.EvaluateAnswers(after, cases[..2], options).ComparedTo(first)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void EvaluateAnswers_Judged_AsksInBothOrders()
    {
        using var model = _ml.Preferences.LoadPretrained(Fixtures.Llama, Fixtures.TinyChatml, "cpu");
        var asked = 0;
        var options = new AnswerEvaluationOptions { Generation = new GenerationOptions { MaxNewTokens = 3 } };
        EvaluationCase[] cases = [new("Hi!", "", ExpectedAnswer.Judged("good")), new("Why?", "", ExpectedAnswer.Judged("bad")), new("Who?", "", ExpectedAnswer.Judged("odd"))];
        Assert.Contains("needs a judge", Assert.Throws<ArgumentException>(() => _ml.Preferences.EvaluateAnswers(model, cases, options)).Message, StringComparison.Ordinal);
        options.Judge = (_, a, b, _) =>
        {
            Interlocked.Increment(ref asked);
            // "good" is better and "bad" worse than anything; of "odd" the first answer is always the better one.
            return Task.FromResult(a == "good" || b == "bad" || a == "odd" || b == "odd" ? Verdict.A : Verdict.B);
        };
        Assert.Equal([false, true, true], _ml.Preferences.EvaluateAnswers(model, cases, options).Answers.Select(a => a.IsRight));
        Assert.Equal(6, asked);
    }

    [Fact]
    public async Task WinRate_AJudgeThatGoesByPosition_FindsTies()
    {
        using var before = _ml.Preferences.LoadPretrained(Fixtures.Llama, Fixtures.TinyChatml, "cpu");
        using var after = TinyRuns.Train(_ml, _folder["run"], o => o.LearningRate = 0.05);
        var options = new AnswerEvaluationOptions { Generation = new GenerationOptions { MaxNewTokens = 6 } };
        string[] prompts = ["Hi!", "What is 2 + 2?", "Why?"];
        var position = await _ml.Preferences.WinRateAsync(before, after, prompts, (_, _, _, _) => Task.FromResult(Verdict.A), options);
        Assert.Equal((0, 0, 3, 3), (position.Wins, position.Losses, position.Ties, position.Inconsistent));
        Assert.Equal(0.5, position.Rate.Mean);
        var wanted = prompts.Select(p => _ml.Preferences.Generate(after, p, options.Generation)).ToHashSet();
        var fair = await _ml.Preferences.WinRateAsync(before, after, prompts, (_, a, b, _) => Task.FromResult(wanted.Contains(a) ? Verdict.A : wanted.Contains(b) ? Verdict.B : Verdict.Tie), options);
        Assert.Equal((3, 0, 0, 0), (fair.Wins, fair.Losses, fair.Ties, fair.Inconsistent));
        Assert.Contains("win rate 1", fair.ToString(), StringComparison.Ordinal);
        var same = await _ml.Preferences.WinRateAsync(before, before, prompts, (_, _, _, _) => throw new InvalidOperationException("equal answers are asked about"), options);
        Assert.Equal(3, same.Ties);
    }
}
