namespace MLNet.Dpo;

/// <summary>What a saved model holds of its base.</summary>
public enum BaseModelStorage
{
    /// <summary>The weights, up to 2 GB of them; above that their place.</summary>
    Auto,

    /// <summary>The weights, whatever their size: the file stands on its own.</summary>
    Embedded,

    /// <summary>The base folder's path and a hash of its weights; loading needs that folder, unchanged.</summary>
    Reference,
}
