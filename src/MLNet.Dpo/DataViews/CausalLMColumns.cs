using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.Dpo.DataViews;

/// <summary>The columns that a <see cref="CausalLMTransformer"/> adds, by what its input has.</summary>
internal static class CausalLMColumns
{
    internal static IReadOnlyList<DataViewSchema.DetachedColumn> Added(TokenColumns input, bool hasReference)
    {
        var single = NumberDataViewType.Single;
        var added = new List<DataViewSchema.DetachedColumn> { new(ColumnNames.Completion, TextDataViewType.Instance), new(ColumnNames.FinishReason, TextDataViewType.Instance) };
        if (input.Responses is null || input.Lengths is null) return added;
        added.Add(new(ColumnNames.Logps, new VectorDataViewType(single)));
        if (!hasReference) return added;
        added.Add(new(ColumnNames.Rewards, new VectorDataViewType(single)));
        if (input.Scores is not null) added.Add(new(ColumnNames.Margin, single));
        return added;
    }

    internal static SchemaShape GetOutputSchema(SchemaShape input, bool hasReference)
    {
        Require(input, ColumnNames.PromptTokens);
        var columns = input.ToDictionary(c => c.Name);
        void Add(string name, SchemaShape.Column.VectorKind kind, DataViewType item) => columns[name] = new SchemaShape.Column(name, kind, item, false);

        Add(ColumnNames.Completion, SchemaShape.Column.VectorKind.Scalar, TextDataViewType.Instance);
        Add(ColumnNames.FinishReason, SchemaShape.Column.VectorKind.Scalar, TextDataViewType.Instance);
        if (columns.ContainsKey(ColumnNames.ResponseTokens))
        {
            Add(ColumnNames.Logps, SchemaShape.Column.VectorKind.VariableVector, NumberDataViewType.Single);
            if (hasReference)
            {
                Add(ColumnNames.Rewards, SchemaShape.Column.VectorKind.VariableVector, NumberDataViewType.Single);
                if (columns.ContainsKey(ColumnNames.Scores)) Add(ColumnNames.Margin, SchemaShape.Column.VectorKind.Scalar, NumberDataViewType.Single);
            }
        }
        return new SchemaShape(columns.Values);
    }

    private static void Require(SchemaShape input, string name)
    {
        if (!input.TryFindColumn(name, out _))
            throw new ArgumentException($"Column {name} is missing; append the trainer to ml.Preferences.Tokenize(...).");
    }
}
