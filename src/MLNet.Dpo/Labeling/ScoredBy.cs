using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.Dpo.Labeling;

/// <summary>
/// A score column says which scorer made it, in an annotation that views over it hand on: scores of a scorer are not people's. What is written to a file and read again has lost it.
/// </summary>
internal static class ScoredBy
{
    private const string Kind = "ScoredBy";

    /// <summary>The annotation that names a scorer.</summary>
    internal static DataViewSchema.Annotations Annotation(string description)
    {
        var builder = new DataViewSchema.Annotations.Builder();
        builder.Add(Kind, TextDataViewType.Instance, (ref ReadOnlyMemory<char> value) => value = description.AsMemory());
        return builder.ToAnnotations();
    }

    /// <summary>The scorer that made a column; null where a person did, or that is not known.</summary>
    internal static string? Find(DataViewSchema.Column column)
    {
        if (column.Annotations.Schema.GetColumnOrNull(Kind) is not { } found) return null;
        var description = default(ReadOnlyMemory<char>);
        column.Annotations.GetGetter<ReadOnlyMemory<char>>(found)(ref description);
        return description.ToString();
    }
}
