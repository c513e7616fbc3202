namespace MLNet.Dpo;

/// <summary>A prompt and what a right answer to it is. Prompt or Messages is filled, as in the columns of these names.</summary>
/// <param name="Prompt">One user turn of plain text; empty where the prompt is a conversation.</param>
/// <param name="Messages">The conversation as a JSON array of messages; empty where the prompt is one user turn.</param>
/// <param name="Expected">What a right answer is.</param>
public sealed record EvaluationCase(string Prompt, string Messages, ExpectedAnswer Expected)
{
    /// <summary>Where it stands, in tables and errors: an <c>id</c>, or file and line; empty where nothing is known.</summary>
    public string Name { get; init; } = "";

    /// <summary>The prompt, whichever it is.</summary>
    internal string Text => Messages.Length > 0 ? Messages : Prompt;
}
