using MLNet.Dpo.DataViews;
using MLNet.Dpo.Generation;
using Xunit;

namespace MLNet.Dpo.Tests.Generation;

public class CompletionTextTests
{
    public static TheoryData<string> Tokenizers => [.. Directory.EnumerateDirectories(Fixtures.PathTo("tokenizers")).Where(folder => File.Exists(Path.Combine(folder, "tokenizer.json"))).Select(folder => Path.GetFileName(folder)!)];

    [Theory]
    [MemberData(nameof(Tokenizers))]
    public void Take_RandomIds_PiecesAreTheWholeTextCutAtItsFirstStop(string name)
    {
        var tokenizer = new ChatTokenizer(HuggingFaceTokenizer.Load(Fixtures.PathTo("tokenizers", name)));
        var random = new Random(1);
        var size = ((HuggingFaceTokenizer)tokenizer.Tokenizer).VocabularySize;
        int[] bytes = [.. Enumerable.Range(0, size).Where(tokenizer.IsByte)];
        int[] smiles = [.. tokenizer.Encode("a😀é 漢字\n\n¡hola! 👩‍👩‍👧 the end.", false)];
        for (var run = 0; run < 30; run++)
        {
            int[] ids = [.. Enumerable.Range(0, random.Next(1, 200)).SelectMany(_ => random.Next(5) switch
            {
                0 when bytes.Length > 0 => [bytes[random.Next(bytes.Length)]],
                1 => smiles,
                _ => new[] { random.Next(size) },
            })];
            var whole = tokenizer.Decode(ids);
            var from = random.Next(Math.Max(1, whole.Length - 4));
            string[] stops = run % 2 == 0 || whole.Length < 6 ? [] : [whole.Substring(from, random.Next(1, 4)), "never"];
            Check(tokenizer, ids, stops);
        }
    }

    private static void Check(ChatTokenizer tokenizer, int[] ids, string[] stops)
    {
        var text = new CompletionText(tokenizer, stops);
        var (said, seen) = ("", new List<int>());
        foreach (var id in ids)
        {
            seen.Add(id);
            var isOver = text.Add(id);
            var now = tokenizer.Decode(seen);
            Assert.Equal(stops.Any(stop => now.Contains(stop, StringComparison.Ordinal)), isOver);
            if (isOver) break;
            var piece = text.Take();
            Assert.False(piece.Length > 0 && (char.IsHighSurrogate(piece[^1]) || char.IsLowSurrogate(piece[0])));
            said += piece;
        }
        said += text.TakeRest();
        var all = tokenizer.Decode(seen);
        var end = stops.Select(stop => all.IndexOf(stop, StringComparison.Ordinal)).Where(i => i >= 0).DefaultIfEmpty(all.Length).Min();
        Assert.Equal(all[..end], said);
        Assert.Equal("", text.TakeRest());
    }

    [Fact]
    public void Take_StopStringMayHaveBegun_IsHeldBack()
    {
        var tokenizer = new ChatTokenizer(HuggingFaceTokenizer.Load(Fixtures.TinyChatml));
        int[] Ids(string text) => [.. tokenizer.Encode(text, false)];
        var text = new CompletionText(tokenizer, ["ab!"]);
        foreach (var id in Ids("xa")) Assert.False(text.Add(id));
        Assert.Equal("x", text.Take());
        foreach (var id in Ids("b")) Assert.False(text.Add(id));
        Assert.Equal("", text.Take());
        foreach (var id in Ids("c")) Assert.False(text.Add(id));
        Assert.Equal("abc", text.Take());
        Assert.True(Ids("ab!").Select(text.Add).ToList()[^1]);
        Assert.Equal("", text.Take() + text.TakeRest());
    }

    [Fact]
    public void TakeRest_HalfACharacter_ComesAtTheEndAlone()
    {
        var tokenizer = new ChatTokenizer(HuggingFaceTokenizer.Load(Fixtures.TinyChatml));
        int[] ids = [.. tokenizer.Encode("😀", false)];
        Assert.True(ids.Length > 1);
        var text = new CompletionText(tokenizer, []);
        foreach (var id in ids[..^1])
        {
            text.Add(id);
            Assert.Equal("", text.Take());
        }
        text.Add(ids[^1]);
        Assert.Equal("😀", text.Take());
        text.Add(ids[0]);
        Assert.Equal("", text.Take());
        Assert.Equal(tokenizer.Decode([.. ids, ids[0]])[2..], text.TakeRest());
    }
}
