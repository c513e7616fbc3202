using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace MLNet.Dpo.Text.Tokenization.Models;

/// <summary>Tokens of the words seen so far; bounded in number and length of words. Safe for use by several threads.</summary>
internal sealed class WordCache
{
    private const int MaxWords = 65536, MaxWordLength = 64;
    private readonly ConcurrentDictionary<string, ModelToken[]> _words;
    private readonly ConcurrentDictionary<string, ModelToken[]>.AlternateLookup<ReadOnlySpan<char>> _lookup;
    private int _count;

    public WordCache()
    {
        _words = new ConcurrentDictionary<string, ModelToken[]>(StringComparer.Ordinal);
        _lookup = _words.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    public bool TryGet(ReadOnlySpan<char> word, out ModelToken[] tokens)
    {
        tokens = [];
        return word.Length <= MaxWordLength && _lookup.TryGetValue(word, out tokens!);
    }

    /// <summary>Keeps the tokens from <paramref name="first"/> on as those of the word.</summary>
    public void Add(ReadOnlySpan<char> word, List<ModelToken> tokens, int first)
    {
        if (word.Length > MaxWordLength || Volatile.Read(ref _count) >= MaxWords)
            return;
        if (_words.TryAdd(word.ToString(), CollectionsMarshal.AsSpan(tokens)[first..].ToArray()))
            Interlocked.Increment(ref _count);
    }
}
