using System.Text.Json.Nodes;
using MLNet.Dpo.DataViews;

namespace MLNet.Dpo.Labeling;

/// <summary>A pair as a row of the columns that <c>ml.Preferences.Load</c> gives.</summary>
internal sealed class PairRow
{
    /// <summary>The prompt as plain text; empty where <see cref="Messages"/> has it.</summary>
    public string Prompt { get; set; } = "";

    /// <summary>The prompt as messages; empty where <see cref="Prompt"/> has it.</summary>
    public string Messages { get; set; } = "";

    /// <summary>Whichever of the two is filled.</summary>
    public string PromptKey { get; set; } = "";

    /// <summary>The chosen and the rejected response, where both are plain texts.</summary>
    public string[] Responses { get; set; } = [];

    /// <summary>The chosen and the rejected response, where one of them is messages.</summary>
    public string[] ResponseMessages { get; set; } = [];

    /// <summary>1 and 0.</summary>
    public float[] Scores { get; set; } = [1, 0];

    /// <summary>The weight of each of the prompt's messages in the language-model loss; empty for none.</summary>
    public float[] LossWeights { get; set; } = [];

    /// <summary>Whether the language-model loss takes the chosen and the rejected response, 1 or 0 each; empty where rows do not say. A response in several pairs counts in each.</summary>
    public float[] LmLossMasks { get; set; } = [];

    /// <summary>The tools that the chat template is given, as JSON; empty for none.</summary>
    public string Tools { get; set; } = "";

    /// <summary>Further variables of the chat template, as JSON; empty for none.</summary>
    public string ChatTemplateArguments { get; set; } = "";

    /// <summary>Where the row was read, as errors say it; empty where that is not known.</summary>
    public string SourceRecord { get; set; } = "";

    internal static PairRow Of(PairCandidate pair)
    {
        var (prompt, messages) = (pair.Prompt.Text ?? "", pair.Prompt.Messages?.ToJsonString() ?? "");
        var row = new PairRow
        {
            Prompt = prompt,
            Messages = messages,
            PromptKey = SaidText.Key(pair.Prompt),
            Tools = pair.Row.Tools?.ToJsonString() ?? "",
            ChatTemplateArguments = pair.Row.Arguments.Count > 0 ? pair.Row.Arguments.ToJsonString() : "",
            LossWeights = [.. pair.Row.LossWeights],
            LmLossMasks = pair.LmLossMasks,
            SourceRecord = pair.Row.Place,
        };
        if (pair.Chosen.Text is { } chosen && pair.Rejected.Text is { } rejected) row.Responses = [chosen, rejected];
        else row.ResponseMessages = [AsMessages(pair.Chosen), AsMessages(pair.Rejected)];
        return row;
    }

    private static string AsMessages(ChatText response) =>
        response.Messages?.ToJsonString() ?? new JsonArray(new JsonObject { ["role"] = "assistant", ["content"] = response.Text }).ToJsonString();
}

/// <summary>A pair before limits are applied.</summary>
/// <param name="Row">The row that it is of.</param>
/// <param name="Chosen">The better response.</param>
/// <param name="Rejected">The other one.</param>
/// <param name="Gap">By how much the first is better; infinite for rejected answers of one's own.</param>
/// <param name="Sources">Where the two are from, as far as that is known.</param>
/// <param name="LmLossMasks">Whether the language-model loss takes each of the two; empty where rows do not say.</param>
internal sealed record PairCandidate(PreferenceRow Row, ChatText Chosen, ChatText Rejected, double Gap, IReadOnlyList<string> Sources, float[] LmLossMasks)
{
    internal ChatText Prompt => Row.Prompt;

    internal bool IsOwn => double.IsPositiveInfinity(Gap);
}
