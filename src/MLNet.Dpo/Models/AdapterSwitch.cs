namespace MLNet.Dpo.Models;

/// <summary>Which adapters a model's projections use at the moment.</summary>
internal enum AdapterState
{
    /// <summary>The adapters that are trained.</summary>
    Policy,

    /// <summary>The reference model: the base, with the adapter it carried before training if it had one.</summary>
    Reference,
}

/// <summary>The state that all projections of one model share; a scope changes it and sets it back.</summary>
internal sealed class AdapterSwitch
{
    internal AdapterState State { get; private set; }

    /// <summary>The dropout of the training step that is computed; null outside of training.</summary>
    internal AdapterDropout? Dropout { get; private set; }

    internal IDisposable Use(AdapterState state)
    {
        var previous = State;
        State = state;
        return new Restore(() => State = previous);
    }

    internal IDisposable Use(AdapterDropout dropout)
    {
        Dropout = dropout;
        return new Restore(() => Dropout = null);
    }

    private sealed class Restore(Action restore) : IDisposable
    {
        public void Dispose() => restore();
    }
}
