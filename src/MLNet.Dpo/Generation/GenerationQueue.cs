namespace MLNet.Dpo.Generation;

/// <summary>Requests that wait for the model. Those that came while it answered others are answered together. Safe for use by several threads.</summary>
/// <param name="answer">
/// Runs the model: calls what it is given when the model is free, with what tells whether so many requests whose longest prompt has so many tokens have room, and answers what it gets.
/// </param>
internal sealed class GenerationQueue(Action<Func<Func<int, int, bool>, IReadOnlyList<GenerationRequest>>> answer)
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
        while (GoesOn())
        {
            IReadOnlyList<GenerationRequest> taken = [];
            try
            {
                answer(hasRoom => taken = Take(hasRoom));
            }
            catch (Exception e)
            {
                // Whoever waits is told, each at its own place; a model that does not run at all answers nobody.
                foreach (var request in taken.Count > 0 ? taken : Take((_, _) => true)) request.Fail(e);
            }
        }
    }

    private bool GoesOn()
    {
        lock (_waiting) return _isRunning = _waiting.Count > 0;
    }

    private List<GenerationRequest> Take(Func<int, int, bool> hasRoom)
    {
        lock (_waiting)
        {
            var taken = new List<GenerationRequest>();
            var most = int.MaxValue;
            while (_waiting.First is { Value: var next })
            {
                if (!next.IsAbandoned)
                {
                    most = Math.Min(most, next.Options.BatchSize);
                    if (taken.Count > 0 && (taken.Count >= most || !hasRoom(taken.Count + 1, taken.Append(next).Max(request => request.Prompt.Length)))) break;
                    taken.Add(next);
                }
                _waiting.RemoveFirst();
            }
            return taken;
        }
    }
}
