using System.Runtime.CompilerServices;

namespace MLNet.Dpo.Text.Tokenization.Models;

/// <summary>A token in the making: its neighbours by index (-1: none), and the merge with the next one (rank <see cref="int.MaxValue"/>: none).</summary>
internal struct BpeSymbol
{
    public int Id;
    public int Length;
    public int Previous;
    public int Next;
    public int Rank;
    public int MergedId;
}

/// <summary>The symbols of one piece as a linked list over a buffer, and the merging of them.</summary>
internal ref struct BpeSymbols(Dictionary<long, Merge> merges, BpeSymbol[] buffer)
{
    /// <summary>Up to this many symbols the best pair is found by looking at all; above it, by a heap.</summary>
    private const int ScanLimit = 24;

    private int _count;

    public readonly BpeSymbol[] Buffer => buffer;

    public void Add(int id, int length)
    {
        buffer[_count] = new BpeSymbol { Id = id, Length = length, Previous = _count - 1, Next = -1, Rank = int.MaxValue };
        if (_count > 0)
            buffer[_count - 1].Next = _count;
        _count++;
    }

    public readonly void MergeAll()
    {
        for (int i = 0; i + 1 < _count; i++)
            Rate(i);
        if (_count <= ScanLimit)
            MergeByScan();
        else
            MergeByHeap();
    }

    public readonly void CopyTo(List<ModelToken> tokens)
    {
        // The first symbol is never merged away: it absorbs what follows.
        for (int i = _count > 0 ? 0 : -1; i >= 0; i = buffer[i].Next)
            tokens.Add(new ModelToken(buffer[i].Id, buffer[i].Length));
    }

    private readonly void MergeByScan()
    {
        while (FindBest() is var best and >= 0)
            Join(best);
    }

    private readonly int FindBest()
    {
        int best = -1, rank = int.MaxValue;
        for (int i = _count > 0 ? 0 : -1; i >= 0; i = buffer[i].Next)
        {
            if (buffer[i].Rank < rank)
                (best, rank) = (i, buffer[i].Rank);
        }
        return best;
    }

    private readonly void MergeByHeap()
    {
        // Rank in the upper half of the priority, position in the lower: the leftmost of equals goes first.
        var queue = new PriorityQueue<int, long>(_count);
        for (int i = 0; i < _count; i++)
            Enqueue(queue, i);

        while (queue.TryDequeue(out int at, out long priority))
        {
            // A symbol that was merged away or re-rated since has another rank.
            if (buffer[at].Rank != (int)(priority >> 32))
                continue;
            Join(at);
            Enqueue(queue, at);
            if (buffer[at].Previous >= 0)
                Enqueue(queue, buffer[at].Previous);
        }
    }

    private readonly void Enqueue(PriorityQueue<int, long> queue, int at)
    {
        if (buffer[at].Rank != int.MaxValue)
            queue.Enqueue(at, ((long)buffer[at].Rank << 32) | (uint)at);
    }

    private readonly void Join(int at)
    {
        ref var left = ref buffer[at];
        ref var right = ref buffer[left.Next];
        left.Id = left.MergedId;
        left.Length += right.Length;
        left.Next = right.Next;
        right.Rank = int.MaxValue;
        if (left.Next >= 0)
            buffer[left.Next].Previous = at;
        Rate(at);
        if (left.Previous >= 0)
            Rate(left.Previous);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly void Rate(int at)
    {
        ref var symbol = ref buffer[at];
        symbol.Rank = int.MaxValue;
        if (symbol.Next >= 0 && merges.TryGetValue(BpeModel.Pair(symbol.Id, buffer[symbol.Next].Id), out var merge))
            (symbol.Rank, symbol.MergedId) = (merge.Rank, merge.Id);
    }
}
