namespace MLNet.Dpo.Data;

/// <summary>
/// A prompt with its scored responses: what one row of preference data says. A chosen/rejected pair is two responses with scores 1 and 0,
/// a plain example for supervised fine-tuning is one response with score 1. Nothing is guessed from a text: where plain texts do not say all, the row has messages.
/// </summary>
/// <param name="Prompt">One user turn as plain text; empty where <paramref name="Messages"/> is the prompt.</param>
/// <param name="Messages">The prompt as a JSON array of <c>{"role","content"}</c> messages, where it is more than one user's text; otherwise empty.</param>
/// <param name="Responses">The responses, each the plain text of one assistant turn; none where <paramref name="ResponseMessages"/> has them.</param>
/// <param name="ResponseMessages">The responses, each a JSON array of messages, where at least one of them is more than a text (a tool call, several turns); otherwise none.</param>
/// <param name="Scores">One number for each response; higher is better. Only their order counts.</param>
internal sealed record PreferenceGroup(
    string Prompt, string Messages, IReadOnlyList<string> Responses, IReadOnlyList<string> ResponseMessages, IReadOnlyList<float> Scores)
{
    /// <summary>The weight of each of the prompt's messages in the language-model loss; empty where the row learns none of them.</summary>
    public IReadOnlyList<float> LossWeights { get; init; } = [];

    /// <summary>For each response 1 where the language-model loss learns it, otherwise 0; empty where the row does not say.</summary>
    public IReadOnlyList<float> LmLossMasks { get; init; } = [];

    /// <summary>Whether the row gives its last turn a weight, which has no effect.</summary>
    public bool WeighsLastTurn { get; init; }

    /// <summary>The tools that the model may call, a JSON array; empty for none.</summary>
    public string Tools { get; init; } = "";

    /// <summary>Further variables of the chat template, a JSON object; empty for none.</summary>
    public string ChatTemplateArguments { get; init; } = "";

    /// <summary>Where the row was read, as errors say it; empty where that is not known.</summary>
    public string SourceRecord { get; init; } = "";

    /// <summary>Whether nothing is asked: every message of the prompt is empty or blank.</summary>
    public bool PromptIsBlank { get; init; }

    /// <summary>The prompt, whichever column has it: never empty, so that it can be the key of a split.</summary>
    public string PromptKey => Prompt.Length > 0 ? Prompt : Messages;

    /// <summary>The number of responses.</summary>
    public int ResponseCount => Math.Max(Responses.Count, ResponseMessages.Count);
}
