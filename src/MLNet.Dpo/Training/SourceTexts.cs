using Microsoft.ML;
using MLNet.Dpo.DataViews;

namespace MLNet.Dpo.Training;

/// <summary>Tells which rows' own texts hold control tokens, where the tokens' maker and the texts are known: they are trained as such, as transformers reads them.</summary>
internal sealed class ControlTokenTexts
{
    private readonly PreferenceTokenizingTransformer? _maker;
    private readonly PreferenceColumns? _columns;

    /// <summary>Finds the text columns.</summary>
    internal ControlTokenTexts(DataViewSchema schema)
    {
        _maker = TokenizedBy.Find(schema);
        _columns = _maker is null ? null : PreferenceColumns.FindOrNull(schema, _maker.InputColumns);
    }

    /// <summary>The columns that <see cref="Reader"/> needs.</summary>
    internal IEnumerable<DataViewSchema.Column> Columns => _columns?.All ?? [];

    /// <summary>A function that says it of a cursor's current row.</summary>
    internal Func<bool> Reader(DataViewRow row)
    {
        if (_columns is null) return () => false;
        var read = _columns.CreateReader(row);
        var control = _maker!.ChatTokenizer.ControlTokens;
        return () => read() is var texts && texts.Responses.Prepend(texts.Prompt).Any(text => text.Text is { } plain ? control.AreIn(plain) : control.AreIn(text.Messages));
    }
}
