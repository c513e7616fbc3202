using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>The getters of a row's active columns; those of inactive ones are never made.</summary>
internal sealed class ActiveGetters
{
    private readonly IExceptionContext _ectx;
    private readonly Delegate[] _getters;

    public ActiveGetters(IExceptionContext ectx, DataViewSchema schema, IEnumerable<DataViewSchema.Column> columnsNeeded, Func<DataViewSchema.Column, Delegate> create)
    {
        _ectx = ectx;
        _getters = new Delegate[schema.Count];
        foreach (var column in columnsNeeded)
        {
            ectx.CheckParam(column.Index < schema.Count, nameof(columnsNeeded), $"Column '{column.Name}' is not in the schema");
            _getters[column.Index] ??= create(schema[column.Index]);
        }
    }

    public bool IsActive(DataViewSchema.Column column)
    {
        _ectx.Check(column.Index < _getters.Length, $"Column index must be between 0 and {_getters.Length}");
        return _getters[column.Index] != null;
    }

    public ValueGetter<TValue> Get<TValue>(DataViewSchema.Column column)
    {
        _ectx.CheckParam(IsActive(column), nameof(column), "requested column not active");
        var getter = _getters[column.Index];
        return getter as ValueGetter<TValue> ?? throw _ectx.Except(
            $"Invalid TValue in GetGetter for column '{column}': '{typeof(TValue)}', expected type: '{getter.GetType().GetGenericArguments()[0]}'.");
    }
}
