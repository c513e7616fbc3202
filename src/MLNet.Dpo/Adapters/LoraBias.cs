namespace MLNet.Dpo;

/// <summary>Which biases of the model are trained beside the adapter, PEFT's <c>bias</c>.</summary>
public enum LoraBias
{
    /// <summary>None.</summary>
    None,

    /// <summary>All that the model has, those of norms too.</summary>
    All,

    /// <summary>Those of the projections that have an adapter.</summary>
    LoraOnly,
}
