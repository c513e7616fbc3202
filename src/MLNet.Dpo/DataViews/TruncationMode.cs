namespace MLNet.Dpo;

/// <summary>Which end of prompt and response together is kept where they are longer than MaxLength; TRL's <c>truncation_mode</c>.</summary>
public enum TruncationMode
{
    /// <summary>
    /// The beginning: the end of the response is cut, and rows whose prompt alone fills MaxLength are dropped. TRL's <c>keep_start</c>, its default.
    /// </summary>
    KeepStart,

    /// <summary>
    /// The end: the front of the prompt is cut, and that of a response that alone is longer. No row is dropped for it, but a prompt is cut elsewhere for each response, so
    /// that it is not shared: such a row runs its prompt once for each response. TRL's <c>keep_end</c>.
    /// </summary>
    KeepEnd,
}
