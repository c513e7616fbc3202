namespace MLNet.Dpo.Labeling;

/// <summary>A response with people's opinion of it, as ML.NET's trainers read examples.</summary>
internal sealed class LabelExample
{
    /// <summary>The prompt, for splits.</summary>
    public string PromptKey { get; set; } = "";

    /// <summary>What the user says last.</summary>
    public string Prompt { get; set; } = "";

    /// <summary>What the assistant says.</summary>
    public string Response { get; set; } = "";

    /// <summary>Whether people score the response higher than the middle between the row's worst and best.</summary>
    public bool Label { get; set; }

    /// <summary>People's score.</summary>
    public float Rating { get; set; }

    /// <summary>The responses of a row that says something: whose best and worst scores differ. One in the very middle is neither and left out.</summary>
    internal static IEnumerable<LabelExample> From(LabelledRow row)
    {
        foreach (var (index, isGood) in row.Judgements())
        {
            yield return new LabelExample
            {
                PromptKey = row.Key,
                Prompt = SaidText.OfUser(row.Prompt),
                Response = SaidText.OfAssistant(row.Responses[index]),
                Label = isGood,
                Rating = row.Scores[index],
            };
        }
    }
}
