namespace MLNet.Dpo;

/// <summary>
/// Which key of a record (column of a table) holds what, where the names do not say so, or say it wrongly. What is named here goes before all usual names;
/// what is not is found by them as ever. A record that lacks a named key is an error; a null under it is absence.
/// </summary>
public sealed class RecordColumns
{
    /// <summary>The prompt: a text, a message or a list of messages. Usually <c>prompt</c>, <c>question</c>, <c>query</c>, <c>instruction</c> or <c>input</c>.</summary>
    public string? Prompt { get; set; }

    /// <summary>A text that follows the prompt's on a new line. Usually <c>input</c>.</summary>
    public string? Input { get; set; }

    /// <summary>The system's text. Usually <c>system</c> or <c>system_prompt</c>.</summary>
    public string? System { get; set; }

    /// <summary>The conversation. Usually <c>messages</c> or <c>conversations</c>.</summary>
    public string? Messages { get; set; }

    /// <summary>Earlier turns before an instruction, a list of [instruction, answer]. Usually <c>history</c>.</summary>
    public string? History { get; set; }

    /// <summary>The tools that the model may call. Usually <c>tools</c>.</summary>
    public string? Tools { get; set; }

    /// <summary>The better answer. Usually <c>chosen</c>, <c>chosen_response</c>, <c>preferred_output</c>, ...</summary>
    public string? Chosen { get; set; }

    /// <summary>The other answer. Usually <c>rejected</c>, <c>rejected_response</c>, <c>non_preferred_output</c>, ...</summary>
    public string? Rejected { get; set; }

    /// <summary>The answer of a plain example. Usually <c>completion</c>, <c>output</c> or <c>response</c>.</summary>
    public string? Completion { get; set; }

    /// <summary>The answers of a group, a list. Usually <c>responses</c> or <c>generations</c>.</summary>
    public string? Responses { get; set; }

    /// <summary>Their scores, a list of the same length. Usually <c>scores</c>, <c>ratings</c> or <c>rating</c>.</summary>
    public string? Scores { get; set; }

    /// <summary>What is named, by the property's name.</summary>
    internal IEnumerable<(string Property, string Key)> Named() =>
        new[]
        {
            (nameof(Prompt), Prompt), (nameof(Input), Input), (nameof(System), System), (nameof(Messages), Messages), (nameof(History), History), (nameof(Tools), Tools),
            (nameof(Chosen), Chosen), (nameof(Rejected), Rejected), (nameof(Completion), Completion), (nameof(Responses), Responses), (nameof(Scores), Scores),
        }.Where(column => column.Item2 is not null).Select(column => (column.Item1, column.Item2!));

    /// <summary>Sets a property by its name.</summary>
    internal void Set(string property, string key)
    {
        switch (property)
        {
            case nameof(Prompt): Prompt = key; break;
            case nameof(Input): Input = key; break;
            case nameof(System): System = key; break;
            case nameof(Messages): Messages = key; break;
            case nameof(History): History = key; break;
            case nameof(Tools): Tools = key; break;
            case nameof(Chosen): Chosen = key; break;
            case nameof(Rejected): Rejected = key; break;
            case nameof(Completion): Completion = key; break;
            case nameof(Responses): Responses = key; break;
            case nameof(Scores): Scores = key; break;
            default: throw new InvalidDataException($"the model's data loader names a column for '{property}', which this version does not know");
        }
    }

    internal void Validate()
    {
        foreach (var (property, key) in Named())
            if (key.Length == 0)
                throw new ArgumentException($"Columns.{property} is an empty text; expected a key of the records, or null to find it by the usual names");
        if (Named().GroupBy(column => column.Key).FirstOrDefault(same => same.Count() > 1) is { } twice)
            throw new ArgumentException($"Columns.{string.Join(" and Columns.", twice.Select(column => column.Property))} are both '{twice.Key}'; expected a key of their own each");
        if ((Chosen is null) != (Rejected is null))
            throw new ArgumentException($"Columns.{(Chosen is null ? nameof(Rejected) : nameof(Chosen))} is set alone; expected Chosen and Rejected together");
        if ((Responses is null) != (Scores is null))
            throw new ArgumentException($"Columns.{(Responses is null ? nameof(Scores) : nameof(Responses))} is set alone; expected Responses and Scores together");
    }

    /// <summary>The columns as they are now.</summary>
    internal RecordColumns Copy() => (RecordColumns)MemberwiseClone();
}
