using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.Dpo.DataViews;

/// <summary>
/// Token columns say which transformer made them, in an annotation that views over them hand on: a trainer decodes with the same tokenizer, and makes a
/// validation set's tokens in the same way. What is written to a file and read again has lost it.
/// </summary>
internal static class TokenizedBy
{
    private const string Kind = "TokenizedBy";

    /// <summary>The annotation that names <paramref name="transformer"/>.</summary>
    internal static DataViewSchema.Annotations Annotation(PreferenceTokenizingTransformer transformer)
    {
        var builder = new DataViewSchema.Annotations.Builder();
        builder.Add(Kind, TransformerType.Instance, (ref PreferenceTokenizingTransformer value) => value = transformer);
        return builder.ToAnnotations();
    }

    /// <summary>The transformer that made a view's token columns; null where that is not known, or there are none.</summary>
    internal static PreferenceTokenizingTransformer? Find(DataViewSchema schema)
    {
        if (schema.GetColumnOrNull(ColumnNames.PromptTokens)?.Annotations is not { } annotations || annotations.Schema.GetColumnOrNull(Kind) is not { } column) return null;
        PreferenceTokenizingTransformer? transformer = null;
        annotations.GetGetter<PreferenceTokenizingTransformer?>(column)(ref transformer);
        return transformer;
    }

    private sealed class TransformerType : StructuredDataViewType
    {
        internal static readonly TransformerType Instance = new();

        private TransformerType() : base(typeof(PreferenceTokenizingTransformer))
        {
        }

        public override bool Equals(DataViewType? other) => ReferenceEquals(this, other);
    }
}
