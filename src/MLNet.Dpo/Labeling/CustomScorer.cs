using Microsoft.ML;
using MLNet.Dpo.DataViews;

namespace MLNet.Dpo.Labeling;

/// <summary>A scorer that is the program's own function.</summary>
internal sealed class CustomScorer(string name, Func<string, IReadOnlyList<string>, IReadOnlyList<float>> score) : ResponseScorer
{
    internal override string Description => name;

    internal override Func<PreferenceRow, float[]> CreateScore() => row =>
    {
        var scores = score(Conversation(row.Prompt), [.. row.Responses.Select(SaidText.OfAssistant)]);
        if (scores.Count != row.Responses.Count)
            throw new PreferenceDataException($"{row.Place}: {name} gave {scores.Count} scores for {row.Responses.Count} responses; return one for each.");
        return [.. scores];
    };

    internal override void Save(ModelSaveContext ctx) =>
        throw new NotSupportedException($"{name} is a function of this program and cannot be saved; save the other scorers and put it after them when they are loaded.");

    // A function sees the whole of a conversation, as the Messages column has it.
    private static string Conversation(ChatText prompt) => prompt.Text ?? prompt.Messages!.ToJsonString();
}
