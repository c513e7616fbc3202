namespace MLNet.Dpo.Generation;

/// <summary>Requests that wait for the model. Those that came while it answered others are answered together. Safe for use by several threads.</summary>
/// <param name="answer">
/// Runs the model with an adapter (null: the base alone): calls what it is given when the model is free, with what tells whether so many requests whose longest prompt has so many tokens have room, and answers what it gets.
/// </param>
internal sealed class GenerationQueue(Action<string?, Func<Func<int, int, bool>, IReadOnlyList<GenerationRequest>>> answer)
{
    private readonly LinkedList<GenerationRequest> _waiting = [];
    private bool _isRunning;

    /// <summary>Lets a request wait its turn.</summary>
    internal void Add(GenerationRequest request)
    {
        lock (_waiting)
        {
            _waiting.AddLast(request);
            if (_isRunning) return;
            _isRunning = true;
        }
        _ = Task.Run(Work);
    }

    private void Work()
    {
        while (GoesOn(out var adapter))
        {
            IReadOnlyList<GenerationRequest> taken = [];
            try
            {
                answer(adapter, hasRoom => taken = Take(adapter, hasRoom));
            }
            catch (Exception e)
            {
                // Whoever waits is told, each at its own place; a model that does not run at all answers nobody.
                foreach (var request in taken.Count > 0 ? taken : Take(adapter, (_, _) => true)) request.Fail(e);
            }
        }
    }

    private bool GoesOn(out string? adapter)
    {
        lock (_waiting)
        {
            adapter = _waiting.First?.Value.Adapter;
            return _isRunning = _waiting.Count > 0;
        }
    }

    // Those of other adapters go on waiting, in their order.
    private List<GenerationRequest> Take(string? adapter, Func<int, int, bool> hasRoom)
    {
        lock (_waiting)
        {
            var taken = new List<GenerationRequest>();
            var (most, longest) = (int.MaxValue, 0);
            for (var (node, next) = (_waiting.First, _waiting.First?.Next); node is not null; (node, next) = (next, next?.Next))
            {
                var request = node.Value;
                if (request.Adapter != adapter) continue;
                if (!request.IsAbandoned)
                {
                    (most, longest) = (Math.Min(most, request.Options.BatchSize), Math.Max(longest, request.Prompt.Length));
                    if (taken.Count > 0 && (taken.Count >= most || !hasRoom(taken.Count + 1, longest))) break;
                    taken.Add(request);
                }
                _waiting.Remove(node);
            }
            return taken;
        }
    }
}
