
namespace MLNet.Dpo.Text.Tokenization;

/// <summary>A prefix tree of token strings. Node 0 is the root.</summary>
internal sealed class TokenTrie
{
    private readonly Dictionary<long, int> _children = [];
    private readonly List<int> _tokens = [-1];

    public void Add(string token, int id)
    {
        int node = 0;
        foreach (char c in token)
        {
            if (!_children.TryGetValue(Key(node, c), out int child))
            {
                child = _tokens.Count;
                _children.Add(Key(node, c), child);
                _tokens.Add(-1);
            }
            node = child;
        }
        _tokens[node] = id;
    }

    /// <summary>Goes on to the child by <paramref name="c"/>; false where there is none.</summary>
    public bool TryStep(ref int node, char c) => _children.TryGetValue(Key(node, c), out node);

    /// <summary>The id of the token that ends at a node; -1 where none does.</summary>
    public int TokenAt(int node) => _tokens[node];

    /// <summary>The longest token at the beginning of <paramref name="text"/>; false where there is none.</summary>
    public bool TryLongest(ReadOnlySpan<char> text, out int id, out int length)
    {
        (id, length) = (-1, 0);
        int node = 0;
        for (int i = 0; i < text.Length && TryStep(ref node, text[i]); i++)
        {
            if (_tokens[node] >= 0)
                (id, length) = (_tokens[node], i + 1);
        }
        return id >= 0;
    }

    private static long Key(int node, char c) => ((long)node << 16) | c;
}
