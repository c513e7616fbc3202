using System.Text.RegularExpressions;

namespace MLNet.Dpo.DataViews;

/// <summary>Prompts written for models without a chat template: turns with names before them, the last of which, the assistant's, is left open.</summary>
internal static partial class OpenTranscript
{
    /// <summary>Whether a text is one, in the manner of hh-rlhf ("Human: ... Assistant:"), Vicuna ("USER: ... ASSISTANT:") or Alpaca ("### Instruction: ... ### Response:").</summary>
    public static bool Is(string text) => Open().IsMatch(text);

    [GeneratedRegex(@"(\A|\s)(### ?)?(Human|User|USER|Instruction)\s*:.*\s(### ?)?(Assistant|ASSISTANT|Response)\s*:\s*\z", RegexOptions.Singleline | RegexOptions.NonBacktracking)]
    private static partial Regex Open();
}
