namespace MLNet.Dpo;

/// <summary>Why a completion ends where it does.</summary>
public enum FinishReason
{
    /// <summary>The model ended it, or a stop token or stop string did; <c>stop</c> in the column.</summary>
    Stop,

    /// <summary>It has as many tokens as <c>MaxNewTokens</c> allows; <c>length</c> in the column.</summary>
    Length,

    /// <summary>Prompt and completion fill the model's context; <c>context</c> in the column.</summary>
    Context,

    /// <summary>The prompt alone fills the model's context, and nothing was generated (<c>OnLongPrompt</c>); <c>long_prompt</c> in the column.</summary>
    LongPrompt,
}
