namespace MLNet.Dpo;

/// <summary>What the loader does with a record that cannot be used.</summary>
public enum BadRowHandling
{
    /// <summary>Reading ends with a <see cref="PreferenceDataException"/> that names the record. The default.</summary>
    Stop,

    /// <summary>
    /// The record is left out, counted, and said once in the context's log (and listed in <see cref="PreferenceLoader.Options.BadRowsFile"/>). A line of JSONL or of a table that cannot
    /// even be parsed is such a record. What cannot be told apart from the records after it still stops: broken syntax in a JSON array, a quote that is never closed, a damaged archive.
    /// </summary>
    Skip,
}
