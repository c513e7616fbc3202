namespace MLNet.Dpo.Sampling;

/// <summary>A prompt's marked answers as a row of preference data: 1 for wanted, 0 for not wanted.</summary>
internal sealed class MarkedGroup
{
    /// <summary>One user turn; empty where there are messages.</summary>
    public string Prompt { get; set; } = "";

    /// <summary>The conversation as a JSON array; empty where there is a prompt.</summary>
    public string Messages { get; set; } = "";

    /// <summary>Whichever of the two is filled.</summary>
    public string PromptKey => Prompt.Length > 0 ? Prompt : Messages;

    /// <summary>The marked answers.</summary>
    public string[] Responses { get; set; } = [];

    /// <summary>A score for each.</summary>
    public float[] Scores { get; set; } = [];

    /// <summary>Where each comes from; empty texts where that was not written.</summary>
    public string[] Sources { get; set; } = [];

    /// <summary>The file and line, as errors say them.</summary>
    public string SourceRecord { get; set; } = "";

    /// <summary>The row of a sheet.</summary>
    internal static MarkedGroup Of(MarkedSheet sheet)
    {
        var samples = sheet.Sheet.Samples;
        var marked = Enumerable.Range(0, samples.Responses.Count).Where(i => sheet.Marks[i] is not null).ToArray();
        return new MarkedGroup
        {
            Prompt = samples.Prompt,
            // A row without a prompt says nothing; an empty turn is a message.
            Messages = samples.Prompt.Length + samples.Messages.Length == 0 ? """[{"role":"user","content":""}]""" : samples.Messages,
            Responses = [.. marked.Select(i => samples.Responses[i])],
            Scores = [.. marked.Select(i => sheet.Marks[i] == true ? 1f : 0f)],
            Sources = [.. marked.Select(i => samples.Sources.Count > 0 ? samples.Sources[i] : "")],
            SourceRecord = $"'{sheet.Path}', line {sheet.Line}",
        };
    }
}
