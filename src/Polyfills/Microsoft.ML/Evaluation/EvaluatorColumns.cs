using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>Finds and reads the columns of an evaluation.</summary>
internal static class EvaluatorColumns
{
    public static DataViewSchema.Column Find(IExceptionContext env, DataViewSchema schema, string role, string name)
        => schema.GetColumnOrNull(name) ?? throw env.ExceptSchemaMismatch(nameof(schema), role, name);

    /// <summary>A label as a number: true is 1, the first key 0, a missing one not a number.</summary>
    public static Func<float> LabelReader(DataViewRow row, DataViewSchema.Column column)
    {
        if (column.Type is KeyDataViewType { Count: var count })
        {
            var key = KeyReader(row, column);
            return () => key() is var value && value >= 1 && value <= count ? value - 1 : float.NaN;
        }
        if (column.Type == NumberDataViewType.Single)
            return Reader<float>(row, column);
        if (column.Type == NumberDataViewType.Double)
        {
            var number = Reader<double>(row, column);
            return () => (float)number();
        }
        var truth = Reader<bool>(row, column);
        return () => truth() ? 1 : 0;
    }

    public static Func<ulong> KeyReader(DataViewRow row, DataViewSchema.Column column) => Type.GetTypeCode(column.Type.RawType) switch
    {
        TypeCode.Byte => Widen(Reader<byte>(row, column), value => value),
        TypeCode.UInt16 => Widen(Reader<ushort>(row, column), value => value),
        TypeCode.UInt32 => Widen(Reader<uint>(row, column), value => value),
        _ => Reader<ulong>(row, column),
    };

    public static Func<T> Reader<T>(DataViewRow row, DataViewSchema.Column column)
    {
        var get = row.GetGetter<T>(column);
        var value = default(T);
        return () =>
        {
            get(ref value);
            return value;
        };
    }

    private static Func<ulong> Widen<T>(Func<T> read, Func<T, ulong> widen) => () => widen(read());
}
