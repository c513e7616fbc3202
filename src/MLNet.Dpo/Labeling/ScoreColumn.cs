using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.Dpo.Labeling;

/// <summary>Columns with a score for each response.</summary>
internal static class ScoreColumn
{
    internal static DataViewSchema.Column Find(DataViewSchema schema, string name) => schema.GetColumnOrNull(name) switch
    {
        null => throw Missing(name),
        { Type: VectorDataViewType vector } column when vector.ItemType.RawType == typeof(float) => column,
        { Type: var type } => throw new ArgumentException($"Column {name} is {type}; it must be a vector of Single, one score for each response."),
    };

    internal static void CheckShape(SchemaShape schema, string name)
    {
        if (!schema.TryFindColumn(name, out _)) throw Missing(name);
    }

    private static ArgumentException Missing(string name) => new($"Column {name} is missing; put the scorer that makes it before this one, with outputColumnName: \"{name}\".");
}
