using System.Text.Json.Nodes;

namespace MLNet.Dpo.DataViews;

/// <summary>How conversations become text.</summary>
/// <param name="AppliesChatTemplate">Whether the chat template is applied; prompt and response are one text otherwise.</param>
internal sealed record TemplateSettings(bool AppliesChatTemplate)
{
    private const string ArgumentsKey = "chat_template_kwargs", ControlKey = "allow_control_tokens";

    /// <summary>Variables of the template for every row; a row's own win.</summary>
    public JsonObject Arguments { get; init; } = [];

    /// <summary>Whether control tokens in the messages of prompts count as such.</summary>
    public bool AllowsControlTokens { get; init; }

    /// <summary>Whether both make the same text of the same row that has responses.</summary>
    public bool SameForData(TemplateSettings other) => AppliesChatTemplate == other.AppliesChatTemplate && (!AppliesChatTemplate || JsonNode.DeepEquals(Arguments, other.Arguments));

    /// <summary>What <see cref="With"/> reads: by name, so that a later setting breaks no older file.</summary>
    public string Json => new JsonObject { [ArgumentsKey] = Arguments.DeepClone(), [ControlKey] = AllowsControlTokens }.ToJsonString();

    /// <summary>These settings with those of a saved model.</summary>
    /// <exception cref="InvalidDataException">The model names a setting that this version does not know.</exception>
    public TemplateSettings With(string json)
    {
        var saved = JsonNode.Parse(json)!.AsObject();
        if (saved.FirstOrDefault(entry => entry.Key is not (ArgumentsKey or ControlKey)).Key is { } unknown)
            throw new InvalidDataException($"The saved model's template settings name {unknown}, which this version of MLNet.Dpo does not know; load the model with the version that saved it, or a later one.");
        return this with { Arguments = saved[ArgumentsKey]!.DeepClone().AsObject(), AllowsControlTokens = (bool)saved[ControlKey]! };
    }
}
