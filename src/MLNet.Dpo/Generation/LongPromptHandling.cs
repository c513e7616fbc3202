namespace MLNet.Dpo;

/// <summary>What becomes of a prompt that leaves no room for a completion in the model's context.</summary>
public enum LongPromptHandling
{
    /// <summary>A <see cref="PreferenceDataException"/> that says its number and length: of a list of prompts before any is answered, of a view's rows when its turn comes, after those before it.</summary>
    Error,

    /// <summary>It gets an empty completion with <see cref="FinishReason.LongPrompt"/>, and a warning counts it; the prompts beside it are answered as ever.</summary>
    Skip,
}
