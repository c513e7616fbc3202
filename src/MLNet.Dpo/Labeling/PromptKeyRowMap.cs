using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Dpo.DataViews;

namespace MLNet.Dpo.Labeling;

/// <summary>The column PromptKey over rows that have none.</summary>
internal sealed class PromptKeyRowMap : RowMap
{
    private readonly PreferenceColumns _columns;

    private PromptKeyRowMap(DataViewSchema input)
        : base(input, [new(ColumnNames.PromptKey, TextDataViewType.Instance)]) =>
        _columns = PreferenceColumns.Find(input, new InputColumnNames());

    internal override IEnumerable<DataViewSchema.Column> Sources => _columns.All;

    /// <summary>The view with the column.</summary>
    internal static IDataView Over(IDataView data) =>
        data.Schema.GetColumnOrNull(ColumnNames.PromptKey) is null ? new MappedDataView(new PromptKeyRowMap(data.Schema), data) : data;

    internal override Delegate?[] CreateGetters(DataViewRow input, bool[] active)
    {
        if (!active[0]) return [null];
        var read = _columns.CreateReader(input);
        return [(ValueGetter<ReadOnlyMemory<char>>)((ref ReadOnlyMemory<char> value) => value = SaidText.Key(read().Prompt).AsMemory())];
    }
}
