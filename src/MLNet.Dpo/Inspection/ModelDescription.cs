using MLNet.Dpo.Inspection;
using MLNet.Dpo.Reporting;

namespace MLNet.Dpo;

/// <summary>What a model folder holds, and what it takes to run and to train it here.</summary>
/// <param name="Folder">The folder.</param>
/// <param name="Architecture">The family, by its <c>model_type</c>.</param>
/// <param name="Parameters">Number of weights.</param>
/// <param name="ContextLength">The most tokens of prompt and response together.</param>
/// <param name="HasChatTemplate">Whether its tokenizer brings a chat template, as models that follow instructions do.</param>
/// <param name="TokensPerSecond">Tokens that it generates in a second here, one completion at a time; measured, so it differs from run to run.</param>
/// <param name="LoraTrainingBytes">About the memory that training a LoRA adapter of the default rank takes with the default MaxTokensPerMicroBatch, in bytes: an estimate by its shape, in the precision that <see cref="Precision.Auto"/> means here.</param>
/// <param name="FullTrainingBytes">The same for all weights.</param>
/// <param name="RowsTooLong">Rows of the data that do not fit into the context; null where no data was given.</param>
public sealed record ModelDescription(
    string Folder, string Architecture, long Parameters, int ContextLength, bool HasChatTemplate, double TokensPerSecond, long LoraTrainingBytes, long FullTrainingBytes, int? RowsTooLong)
{
    /// <summary>Whether the data's lengths rule the model out: more than one row in a hundred would be cut by its context.</summary>
    public bool RuledOut { get; init; }

    internal IReadOnlyList<string> Cells() =>
    [
        Path.GetFileName(Path.TrimEndingDirectorySeparator(Folder)), Architecture, DataFindings.Text($"{Parameters / 1e6:N1}"), DataFindings.Text($"{ContextLength:N0}"), HasChatTemplate ? "yes" : "no",
        DataFindings.Text($"{TokensPerSecond:N0}"), DataFindings.Text($"{LoraTrainingBytes / 1e6:N0}"), DataFindings.Text($"{FullTrainingBytes / 1e6:N0}"),
        RowsTooLong is { } rows ? DataFindings.Text($"{rows:N0}{(RuledOut ? ", ruled out" : "")}") : "",
    ];
}

/// <summary>Several models side by side, the smallest first. As text it is a table for the console.</summary>
public sealed class ModelDescriptions
{
    internal ModelDescriptions(IReadOnlyList<ModelDescription> models) => Models = models;

    /// <summary>The models, the one of the fewest weights first.</summary>
    public IReadOnlyList<ModelDescription> Models { get; }

    /// <summary>A table, a line for each model.</summary>
    public override string ToString() => TextTable.Of(
        ["model", "family", "million weights", "context", "chat template", "tokens/s here", "MB to train LoRA", "MB to train all", "rows too long"], Models.Select(model => model.Cells()));
}
