namespace TinyChat;

/// <summary>Which part of the corpus a wording belongs to. The parts share no wording, not even one that differs in case or punctuation.</summary>
public enum PromptSplit
{
    /// <summary>Wordings that the model is trained on.</summary>
    Training,

    /// <summary>Wordings that it never sees; the facts they ask about do occur in training, worded otherwise.</summary>
    HeldOut,
}

/// <summary>A prompt with what is known about it.</summary>
/// <param name="Prompt">What the user says.</param>
/// <param name="Intent">The name of the <see cref="TinyChat.Intent"/> that it was made from.</param>
/// <param name="Language">The language of prompt and answer.</param>
/// <param name="Answer">What a right answer must name ("7", "Paris"), or null for small talk.</param>
public sealed record DemoPrompt(string Prompt, string Intent, Language Language, string? Answer);

/// <summary>One message of a dialogue.</summary>
/// <param name="Role">"system", "user" or "assistant".</param>
/// <param name="Content">The text.</param>
public sealed record Turn(string Role, string Content);

/// <summary>A dialogue of the training corpus; the last message is the assistant's.</summary>
/// <param name="Messages">The dialogue.</param>
/// <param name="Prompt">The last question and what is known about it.</param>
/// <param name="Style">The style of the last answer.</param>
public sealed record TrainingRow(IReadOnlyList<Turn> Messages, DemoPrompt Prompt, AnswerStyle Style)
{
    /// <summary>The last answer.</summary>
    public string Response => Messages[^1].Content;
}
