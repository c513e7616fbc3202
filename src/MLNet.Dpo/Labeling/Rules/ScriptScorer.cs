using Microsoft.ML;

namespace MLNet.Dpo.Labeling.Rules;

/// <summary>The share of a response's letters that are in a script, 0 to 1: the given one, or the one that the prompt is written in.</summary>
internal sealed class ScriptScorer(WritingScript? script) : TextScorer
{
    internal override string Description => $"Script({script?.ToString() ?? "the prompt's"})";

    internal override float Score(string prompt, string response)
    {
        if ((script ?? Scripts.Main(prompt)) is not { } wanted) return 1;
        // Japanese is kana with Han: the one does not speak against the other.
        WritingScript[] accepted = wanted == WritingScript.Kana ? [WritingScript.Kana, WritingScript.Han] : [wanted];
        var share = Scripts.Share(response, accepted);
        return float.IsNaN(share) ? script is null ? 1 : 0 : share;
    }

    internal override void Save(ModelSaveContext ctx) => ctx.Writer.Write(script is { } one ? (int)one : -1);

    internal static ScriptScorer Load(BinaryReader reader) => new(reader.ReadInt32() is var script and >= 0 ? (WritingScript)script : null);
}
