namespace MLNet.Dpo;

/// <summary>Layouts of a record of preference data, told apart by their keys.</summary>
public enum PreferenceFormat
{
    /// <summary>Each record's format is found by its keys. The default.</summary>
    Auto,

    /// <summary>
    /// ShareGPT, as LLaMA-Factory reads it: <c>conversations</c> of <c>{"from","value"}</c> turns (human, gpt, system, function_call, observation), optional <c>system</c>,
    /// and <c>chosen</c>/<c>rejected</c>. Without these two, the last gpt turn is the answer of a plain example.
    /// </summary>
    ShareGpt,

    /// <summary>
    /// <c>messages</c> of <c>{"role","content"}</c> turns. The last, of the assistant, has <c>chosen</c> and <c>rejected</c>, or a <c>content</c> of scored texts
    /// <c>[{"text","score"}, ...]</c>, or plain content (a plain example). <c>chosen</c>/<c>rejected</c> may also stand beside <c>messages</c>.
    /// </summary>
    Messages,

    /// <summary>
    /// TRL: <c>prompt</c>, <c>chosen</c> and <c>rejected</c>, each a text or a list of messages. Without <c>prompt</c>, lists begin with it; texts without one
    /// are an error, but where <see cref="PreferenceLoader.Options.ImplicitPrompt"/> is set. <c>prompt</c> and <c>completion</c> make a plain example.
    /// </summary>
    Trl,

    /// <summary>Alpaca, as LLaMA-Factory reads it: <c>instruction</c>, optional <c>input</c>, <c>system</c>, <c>history</c>; <c>chosen</c>/<c>rejected</c>, or <c>output</c> of a plain example.</summary>
    Alpaca,

    /// <summary>A group: <c>prompt</c>, <c>responses</c> and <c>scores</c>, two lists of the same length.</summary>
    Groups,
}
