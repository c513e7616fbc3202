using System.Text.Json.Nodes;

namespace MLNet.Dpo;

/// <summary>What a chat template is given besides the messages.</summary>
public sealed record ChatTemplateOptions
{
    /// <summary>Whether the text ends with the beginning of an assistant's turn. Default false.</summary>
    public bool AddGenerationPrompt { get; init; }

    /// <summary>
    /// The key of the final message (usually <c>content</c>) whose text is left open, so that a model goes on with it; null (default): all messages are closed.
    /// Not together with <see cref="AddGenerationPrompt"/>.
    /// </summary>
    public string? ContinueFinalMessage { get; init; }

    /// <summary>Special tokens by role (<c>bos_token</c>, <c>eos_token</c>, ...), usually <see cref="HuggingFaceTokenizer.SpecialTokens"/>; others are undefined in the template.</summary>
    public IReadOnlyDictionary<string, string> SpecialTokens { get; init; } = new Dictionary<string, string>();

    /// <summary>The tools that the model may call: a list of JSON schemas; null for none.</summary>
    public JsonNode? Tools { get; init; }

    /// <summary>Documents for retrieval; null for none.</summary>
    public JsonNode? Documents { get; init; }

    /// <summary>Further variables (<c>enable_thinking</c>, ...); they win over all others.</summary>
    public JsonObject? Variables { get; init; }

    /// <summary>The clock and time zone of <c>strftime_now</c>; the system's by default.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
