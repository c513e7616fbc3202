namespace MLNet.Dpo;

/// <summary>What a saved model holds of its base.</summary>
public enum BaseModelStorage
{
    /// <summary>The weights, up to 2 GB of them; above that their place.</summary>
    Auto,

    /// <summary>The weights, whatever their size: the file stands on its own.</summary>
    Embedded,

    /// <summary>
    /// The base folder's path, relative to the zip where they share more than the root, and a hash of its weights. Loading needs that folder, unchanged: at that path
    /// seen from the zip or the current directory, or under its name beside the zip.
    /// </summary>
    Reference,
}
