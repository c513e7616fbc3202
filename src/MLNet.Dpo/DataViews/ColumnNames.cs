namespace MLNet.Dpo;

/// <summary>The names of the columns that the components of this library read and write.</summary>
public static class ColumnNames
{
    /// <summary>Text: one user turn as plain text, whatever is in it. A row fills this or <see cref="Messages"/>.</summary>
    public const string Prompt = "Prompt";

    /// <summary>Text: a JSON array of <c>{"role","content"}</c> messages, for a prompt that is more than one user turn of text. A row fills this or <see cref="Prompt"/>.</summary>
    public const string Messages = "Messages";

    /// <summary>
    /// Text: <see cref="Prompt"/> or <see cref="Messages"/>, whichever is filled, in data that <c>ml.Preferences.Load</c> gives. The samplingKeyColumnName of splits that keep the rows
    /// of a prompt together: ML.NET leaves out rows whose key is empty.
    /// </summary>
    public const string PromptKey = "PromptKey";

    /// <summary>Vector of text: the responses of a prompt, each the plain text of one assistant turn. A row fills this or <see cref="ResponseMessages"/>, or neither.</summary>
    public const string Responses = "Responses";

    /// <summary>Vector of text: the responses of a prompt, each a JSON array of messages, where one of them is more than a text (a tool call, several turns).</summary>
    public const string ResponseMessages = "ResponseMessages";

    /// <summary>Vector of Single: the score of each response.</summary>
    public const string Scores = "Scores";

    /// <summary>
    /// Vector of Single: the weight, 0 to 1, of each of the prompt's messages in the language-model loss; empty where the row says none, and then no token of the prompt is learned.
    /// </summary>
    public const string LossWeights = "LossWeights";

    /// <summary>
    /// Vector of Single: for each response 1 where the language-model loss learns it, otherwise 0; empty where the row says none, and then the best response is learned.
    /// </summary>
    public const string LmLossMasks = "LmLossMasks";

    /// <summary>Vector of text: the name of the source (model and settings) of each response, in data that <c>ml.Preferences.ReadMarked</c> gives.</summary>
    public const string Sources = "Sources";

    /// <summary>Text: a JSON array of the tools that the model may call, which the chat template writes; empty for none.</summary>
    public const string Tools = "Tools";

    /// <summary>Text: a JSON object of further variables of the chat template, such as <c>{"enable_thinking": false}</c>; empty for none.</summary>
    public const string ChatTemplateArguments = "ChatTemplateArguments";

    /// <summary>Text: where a row was read, such as <c>'train.jsonl', record 2, line 2</c>, in data that <c>ml.Preferences.Load</c> gives. Errors say it.</summary>
    public const string SourceRecord = "SourceRecord";

    /// <summary>Text: the preferred response, in data that has one column for each.</summary>
    public const string Chosen = "Chosen";

    /// <summary>Text: the other response, in data that has one column for each.</summary>
    public const string Rejected = "Rejected";

    /// <summary>Vector of Int32: the prompt's token ids.</summary>
    public const string PromptTokens = "PromptTokens";

    /// <summary>Vector of Single: the weight of each prompt token in the language-model loss; empty for none. Computed where it is read.</summary>
    public const string PromptWeights = "PromptWeights";

    /// <summary>Vector of Int32: the token ids of all responses, end to end.</summary>
    public const string ResponseTokens = "ResponseTokens";

    /// <summary>Vector of Int32: the number of tokens of each response.</summary>
    public const string ResponseLengths = "ResponseLengths";

    /// <summary>
    /// Boolean: whether the prompt, tokenised alone, is what prompt and response together begin with. Where it is not (a response goes on with the prompt's last word or line break), the
    /// tokens that differ count as the responses', as with TRL; trainers count such rows.
    /// </summary>
    public const string PromptIsPrefix = "PromptIsPrefix";

    /// <summary>Text: what the model says to the prompt.</summary>
    public const string Completion = "Completion";

    /// <summary>Text: why the completion ends where it does: <c>stop</c>, <c>length</c>, <c>context</c> or <c>long_prompt</c>, see <see cref="MLNet.Dpo.FinishReason"/>.</summary>
    public const string FinishReason = "FinishReason";

    /// <summary>Vector of Single: the summed log-probability of each response.</summary>
    public const string Logps = "Logps";

    /// <summary>Vector of Single: β · (log-probability - the reference's) of each response.</summary>
    public const string Rewards = "Rewards";

    /// <summary>Single: the reward of the better response minus that of the other, averaged over the row's pairs.</summary>
    public const string Margin = "Margin";
}
