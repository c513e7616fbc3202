using Microsoft.ML;
using MLNet.Dpo.DataViews;

namespace MLNet.Dpo.Training;

/// <summary>What is to be said of a row's own texts.</summary>
/// <param name="HasControlTokens">Whether they hold control tokens, which are trained as such, as transformers reads them.</param>
/// <param name="LeftOutKeys">The keys of its messages that carry something which the chat template leaves out.</param>
internal readonly record struct TextRemarks(bool HasControlTokens, IReadOnlyCollection<string> LeftOutKeys);

/// <summary>Tells what a reader of tokens alone would not see, where the tokens' maker and the texts are known.</summary>
internal sealed class SourceTexts
{
    private readonly PreferenceTokenizingTransformer? _maker;
    private readonly PreferenceColumns? _columns;

    /// <summary>Finds the text columns.</summary>
    internal SourceTexts(DataViewSchema schema)
    {
        _maker = TokenizedBy.Find(schema);
        _columns = _maker is null ? null : PreferenceColumns.FindOrNull(schema, _maker.InputColumns);
    }

    /// <summary>The columns that <see cref="Reader"/> needs.</summary>
    internal IEnumerable<DataViewSchema.Column> Columns => _columns?.All ?? [];

    /// <summary>A function that says it of a cursor's current row.</summary>
    internal Func<TextRemarks> Reader(DataViewRow row)
    {
        if (_columns is null) return () => new TextRemarks(false, []);
        var (read, control, tokenizer) = (_columns.CreateReader(row), _maker!.ChatTokenizer.ControlTokens, _maker.RowTokenizer);
        return () =>
        {
            var texts = read();
            return new TextRemarks(texts.Responses.Prepend(texts.Prompt).Any(text => text.Text is { } plain ? control.AreIn(plain) : control.AreIn(text.Messages)), tokenizer.LeftOutKeys(texts));
        };
    }
}
