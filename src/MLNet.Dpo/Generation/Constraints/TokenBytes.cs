using MLNet.Dpo.DataViews;

namespace MLNet.Dpo.Generation.Constraints;

/// <summary>The bytes of a vocabulary's tokens, in order, so that tokens with a common beginning are looked at together.</summary>
internal sealed class TokenBytes
{
    private readonly byte[][] _bytes;  // by id
    private readonly int[] _sorted;    // ids by their bytes, those without bytes left out

    /// <summary>Reads the vocabulary. Special tokens are no text.</summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="size">How many ids the model has.</param>
    internal TokenBytes(ChatTokenizer tokenizer, int size)
    {
        _bytes = [.. Enumerable.Range(0, size).Select(tokenizer.BytesOf)];
        _sorted = [.. Enumerable.Range(0, size).Where(id => _bytes[id].Length > 0)];
        Array.Sort(_sorted, (x, y) => _bytes[x].AsSpan().SequenceCompareTo(_bytes[y]));
    }

    /// <summary>The bytes of a token; none where it is no text.</summary>
    internal byte[] Of(int id) => _bytes[id];

    /// <summary>Walks all tokens, byte by byte, as far as these lead.</summary>
    /// <param name="start">Where it begins.</param>
    /// <param name="step">A state after one more byte.</param>
    /// <param name="isDead">Whether a state leads nowhere.</param>
    /// <param name="found">Told of each token that leads somewhere, and of the state after it.</param>
    internal void Walk<T>(T start, Func<T, byte, T> step, Func<T, bool> isDead, Action<int, T> found)
    {
        Walk(0, _sorted.Length, 0, start);

        // Tokens from..to have the first depth bytes in common.
        void Walk(int from, int to, int depth, T state)
        {
            for (; from < to && _bytes[_sorted[from]].Length == depth; from++) found(_sorted[from], state);
            while (from < to)
            {
                var next = _bytes[_sorted[from]][depth];
                var end = End(from, to, depth, next);
                var after = step(state, next);
                if (!isDead(after)) Walk(from, end, depth + 1, after);
                from = end;
            }
        }
    }

    // The first token behind those that go on with a byte.
    private int End(int from, int to, int depth, byte next)
    {
        var (low, high) = (from + 1, to);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_bytes[_sorted[middle]][depth] == next) low = middle + 1;
            else high = middle;
        }
        return low;
    }
}
