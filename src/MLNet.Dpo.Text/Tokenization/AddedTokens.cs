using System.Buffers;
using System.Text;
using System.Text.Json;

namespace MLNet.Dpo.Text.Tokenization;

/// <summary>A token outside the model: found in the text before anything else.</summary>
internal sealed record AddedToken(int Id, string Content, bool SingleWord, bool StripLeft, bool StripRight, bool Normalized, bool Special)
{
    public static AddedToken Read(JsonElement json) => new(json.Integer("id"), json.RequiredString("content"),
        json.Flag("single_word"), json.Flag("lstrip"), json.Flag("rstrip"), json.Flag("normalized"), json.Flag("special"));
}

/// <summary>A stretch of text: an added token, or (id -1) text without one.</summary>
internal readonly record struct AddedTokenMatch(int Id, int Start, int End);

/// <summary>Finds added tokens in text: the leftmost, the longest of those that begin at the same place.</summary>
internal sealed class AddedTokenFinder
{
    private readonly TokenTrie _trie = new();
    private readonly Dictionary<int, AddedToken> _tokens = [];
    private readonly SearchValues<char> _firstCharacters;

    /// <summary>Looks for each token under the text that <paramref name="textOf"/> gives for it.</summary>
    public AddedTokenFinder(IEnumerable<AddedToken> tokens, Func<AddedToken, string> textOf)
    {
        var first = new HashSet<char>();
        foreach (var token in tokens)
        {
            string text = textOf(token);
            if (text.Length == 0)
                continue;
            _trie.Add(text, token.Id);
            _tokens[token.Id] = token;
            first.Add(text[0]);
        }
        _firstCharacters = SearchValues.Create([.. first]);
    }

    public bool IsEmpty => _tokens.Count == 0;

    /// <summary>Cuts a text into added tokens and what lies between them.</summary>
    /// <param name="text">The text.</param>
    /// <param name="isText">Says of a token and where it stands (start and end) whether it is ordinary text all the same; null for none.</param>
    public List<AddedTokenMatch> Split(ReadOnlySpan<char> text, Func<AddedToken, int, int, bool>? isText = null)
    {
        var matches = new List<AddedTokenMatch>();
        int done = 0;
        for (int at = 0; at < text.Length && text[at..].IndexOfAny(_firstCharacters) is var skip and >= 0;)
        {
            at += skip;
            if (!_trie.TryLongest(text[at..], out int id, out int length))
            {
                at++;
                continue;
            }

            var token = _tokens[id];
            int start = at, end = at + length;
            if (isText is not null && isText(token, start, end))
            {
                at++;
                continue;
            }
            at = end;
            if (token.SingleWord && !IsWholeWord(text, start, end))
                continue;
            if (token.StripLeft)
                start = Math.Max(done, text[..start].TrimEnd().Length);
            if (token.StripRight)
                end = text.Length - text[end..].TrimStart().Length;
            if (start > done)
                matches.Add(new AddedTokenMatch(-1, done, start));
            matches.Add(new AddedTokenMatch(id, start, end));
            done = end;
            at = Math.Max(at, end);
        }
        if (done < text.Length)
            matches.Add(new AddedTokenMatch(-1, done, text.Length));
        return matches;
    }

    private static bool IsWholeWord(ReadOnlySpan<char> text, int start, int end)
    {
        Rune.DecodeLastFromUtf16(text[..start], out var before, out _);
        bool startsWord = start == 0 || !UnicodeClasses.IsWord(before);
        return startsWord && (end == text.Length || !UnicodeClasses.IsWord(UnicodeClasses.RuneAt(text, end, out _)));
    }
}
