using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Dpo.DataViews;
using MLNet.Dpo.Labeling;

namespace MLNet.Dpo.Experiments;

/// <summary>A column that is 1 in the rows of a fold and 0 in the others.</summary>
internal sealed class FoldRowMap : RowMap
{
    /// <summary>The column's name.</summary>
    internal const string Column = "IsOfFold";

    private readonly PreferenceColumns _columns;
    private readonly PromptFolds _folds;
    private readonly int _fold;

    internal FoldRowMap(DataViewSchema input, PromptFolds folds, int fold)
        : base(input, [new(Column, NumberDataViewType.Single)]) =>
        (_columns, _folds, _fold) = (PreferenceColumns.Find(input, new InputColumnNames()), folds, fold);

    internal override IEnumerable<DataViewSchema.Column> Sources => _columns.All;

    internal override Delegate?[] CreateGetters(DataViewRow input, bool[] active)
    {
        if (!active[0]) return [null];
        var read = _columns.CreateReader(input);
        return [(ValueGetter<float>)((ref float value) => value = _folds.Of(SaidText.Key(read().Prompt)) == _fold ? 1 : 0)];
    }
}
