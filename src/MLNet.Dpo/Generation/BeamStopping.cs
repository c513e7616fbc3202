namespace MLNet.Dpo;

/// <summary>When beam search ends: transformers' <c>early_stopping</c>.</summary>
public enum BeamStopping
{
    /// <summary>When there are as many finished completions as beams, and the best running beam, ended where it is, would not be better than the worst of them (<c>False</c>).</summary>
    Heuristic,

    /// <summary>As soon as there are as many finished completions as beams (<c>True</c>).</summary>
    Early,

    /// <summary>When no running beam can become better than the worst finished completion, even at full length (<c>"never"</c>).</summary>
    Never,
}
