using System.Text;
using Microsoft.ML;

namespace MLNet.Dpo.Labeling.Rules;

/// <summary>The share of wanted keywords that a response has; or 1 where it has none of the unwanted ones, otherwise 0.</summary>
internal sealed class KeywordScorer : TextScorer
{
    private readonly string[] _keywords;
    private readonly bool _wanted;

    internal KeywordScorer(IEnumerable<string> keywords, bool wanted)
    {
        _keywords = [.. keywords.Distinct(StringComparer.OrdinalIgnoreCase)];
        _wanted = wanted;
        if (_keywords.Length == 0 || _keywords.Any(string.IsNullOrWhiteSpace)) throw new ArgumentException("keywords is empty, or one of them is blank; give one word or more.");
    }

    internal override string Description => $"Keywords({(_wanted ? "" : "none of ")}{string.Join(", ", _keywords)})";

    internal override float Score(string prompt, string response)
    {
        var found = _keywords.Count(keyword => Has(response, keyword));
        return _wanted ? (float)found / _keywords.Length : found == 0 ? 1 : 0;
    }

    internal override void Save(ModelSaveContext ctx)
    {
        ctx.Writer.Write(_wanted);
        ctx.Writer.Write(_keywords.Length);
        foreach (var keyword in _keywords) ctx.Writer.Write(keyword);
    }

    internal static KeywordScorer Load(BinaryReader reader)
    {
        var wanted = reader.ReadBoolean();
        return new KeywordScorer([.. Enumerable.Range(0, reader.ReadInt32()).Select(_ => reader.ReadString())], wanted);
    }

    // "cat" is not in "concatenate"; where a script has no spaces, as Chinese, a keyword is found anywhere.
    private static bool Has(string text, string keyword)
    {
        for (var at = text.IndexOf(keyword, StringComparison.OrdinalIgnoreCase); at >= 0; at = text.IndexOf(keyword, at + 1, StringComparison.OrdinalIgnoreCase))
        {
            var end = at + keyword.Length;
            if (!Joined(text, at) && !Joined(text, end)) return true;
        }
        return false;
    }

    // Whether the characters before and after a place belong to one word.
    private static bool Joined(string text, int at)
    {
        if (at == 0 || at == text.Length) return false;
        _ = Rune.DecodeLastFromUtf16(text.AsSpan(0, at), out var before, out _);
        _ = Rune.DecodeFromUtf16(text.AsSpan(at), out var after, out _);
        return TextLength.IsWordPart(before) && TextLength.IsWordPart(after);
    }
}
