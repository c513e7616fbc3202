using MLNet.Dpo.Files;

namespace MLNet.Dpo.DataViews;

/// <summary>The names under which a data view has the columns of preference data.</summary>
internal sealed record InputColumnNames
{
    internal string Prompt { get; init; } = ColumnNames.Prompt;

    internal string Messages { get; init; } = ColumnNames.Messages;

    internal string Responses { get; init; } = ColumnNames.Responses;

    internal string ResponseMessages { get; init; } = ColumnNames.ResponseMessages;

    internal string Chosen { get; init; } = ColumnNames.Chosen;

    internal string Rejected { get; init; } = ColumnNames.Rejected;

    internal string Scores { get; init; } = ColumnNames.Scores;

    internal string Tools { get; init; } = ColumnNames.Tools;

    internal string ChatTemplateArguments { get; init; } = ColumnNames.ChatTemplateArguments;

    /// <summary>Writes the names that are not the usual ones, each after its key, so that a further name breaks no old file.</summary>
    internal void Write(BinaryWriter writer)
    {
        var usual = new InputColumnNames().All();
        var own = All().Where(name => usual[name.Key] != name.Value).ToList();
        writer.Write(own.Count);
        foreach (var (key, name) in own)
        {
            writer.Write(key);
            writer.Write(name);
        }
    }

    internal static InputColumnNames Read(BinaryReader reader)
    {
        var names = new InputColumnNames().All();
        for (var count = reader.ReadCount("column names"); count > 0; count--)
        {
            var key = reader.ReadString();
            if (!names.ContainsKey(key)) throw new InvalidDataException($"The saved model names the column {key}, which this version of MLNet.Dpo does not know; load the model with the version that saved it, or a later one.");
            names[key] = reader.ReadString();
        }
        return new InputColumnNames
        {
            Prompt = names[nameof(Prompt)],
            Messages = names[nameof(Messages)],
            Responses = names[nameof(Responses)],
            ResponseMessages = names[nameof(ResponseMessages)],
            Chosen = names[nameof(Chosen)],
            Rejected = names[nameof(Rejected)],
            Scores = names[nameof(Scores)],
            Tools = names[nameof(Tools)],
            ChatTemplateArguments = names[nameof(ChatTemplateArguments)],
        };
    }

    internal Dictionary<string, string> All() => new()
    {
        [nameof(Prompt)] = Prompt,
        [nameof(Messages)] = Messages,
        [nameof(Responses)] = Responses,
        [nameof(ResponseMessages)] = ResponseMessages,
        [nameof(Chosen)] = Chosen,
        [nameof(Rejected)] = Rejected,
        [nameof(Scores)] = Scores,
        [nameof(Tools)] = Tools,
        [nameof(ChatTemplateArguments)] = ChatTemplateArguments,
    };
}
