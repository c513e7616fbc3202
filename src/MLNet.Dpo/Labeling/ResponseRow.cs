using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.Dpo.Labeling;

/// <summary>One response as a row of its own, for ML.NET's transformers: the columns of <see cref="LabelExample"/>, whose labels are not known.</summary>
internal sealed class ResponseRow : DataViewRow
{
    internal static readonly DataViewSchema ColumnsOfExamples = MakeSchema();

    private string _prompt = "";
    private string _response = "";
    private long _position = -1;

    public override DataViewSchema Schema => ColumnsOfExamples;

    public override long Position => _position;

    public override long Batch => 0;

    internal void MoveTo(string prompt, string response)
    {
        (_prompt, _response) = (prompt, response);
        _position++;
    }

    public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = new DataViewRowId((ulong)_position, 0);

    public override bool IsColumnActive(DataViewSchema.Column column) => true;

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => Getter(column.Name) as ValueGetter<TValue>
        ?? throw new ArgumentException($"Column {column.Name} is {column.Type}; it cannot be read as {typeof(TValue).Name}.", nameof(column));

    private Delegate Getter(string name) => name switch
    {
        nameof(LabelExample.Prompt) => (ValueGetter<ReadOnlyMemory<char>>)((ref ReadOnlyMemory<char> value) => value = _prompt.AsMemory()),
        nameof(LabelExample.Response) => (ValueGetter<ReadOnlyMemory<char>>)((ref ReadOnlyMemory<char> value) => value = _response.AsMemory()),
        nameof(LabelExample.Label) => (ValueGetter<bool>)((ref bool value) => value = false),
        _ => (ValueGetter<float>)((ref float value) => value = float.NaN),
    };

    private static DataViewSchema MakeSchema()
    {
        var builder = new DataViewSchema.Builder();
        builder.AddColumn(nameof(LabelExample.Prompt), TextDataViewType.Instance);
        builder.AddColumn(nameof(LabelExample.Response), TextDataViewType.Instance);
        builder.AddColumn(nameof(LabelExample.Label), BooleanDataViewType.Instance);
        builder.AddColumn(nameof(LabelExample.Rating), NumberDataViewType.Single);
        return builder.ToSchema();
    }
}
