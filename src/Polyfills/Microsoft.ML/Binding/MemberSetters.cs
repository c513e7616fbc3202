using System.Reflection;

namespace Microsoft.ML.Data;

/// <summary>Makes actions that write a column's value into a member of a row object, reusing the object's arrays.</summary>
internal static class MemberSetters
{
    public static Action<TRow> Create<TRow>(RowMember member, DataViewRow input, DataViewSchema.Column column)
    {
        var item = column.Type.GetItemType().RawType;
        if (member.MemberType == typeof(string))
            return Text<TRow>(member, input, column);
        if (member.MemberType == typeof(string[]))
            return TextArray<TRow>(member, input, column);
        var method = member.MemberType.IsArray ? nameof(Array) : member.IsVector ? nameof(Vector) : nameof(Scalar);
        return (Action<TRow>)typeof(MemberSetters).GetMethod(method, BindingFlags.NonPublic | BindingFlags.Static)!
            .MakeGenericMethod(typeof(TRow), item).Invoke(null, [member, input, column]);
    }

    private static Action<TRow> Text<TRow>(RowMember member, DataViewRow input, DataViewSchema.Column column)
    {
        var get = input.GetGetter<ReadOnlyMemory<char>>(column);
        var write = member.Writer<TRow, string>();
        ReadOnlyMemory<char> value = default;
        return row =>
        {
            get(ref value);
            write(row, value.ToString());
        };
    }

    private static Action<TRow> TextArray<TRow>(RowMember member, DataViewRow input, DataViewSchema.Column column)
    {
        var get = input.GetGetter<VBuffer<ReadOnlyMemory<char>>>(column);
        var present = Present<TRow, string[]>(member);
        var write = member.Writer<TRow, string[]>();
        VBuffer<ReadOnlyMemory<char>> value = default;
        return row =>
        {
            get(ref value);
            var array = Reuse(present(row), value.Length);
            foreach (var (index, text) in value.Items(all: true))
                array[index] = text.ToString();
            write(row, array);
        };
    }

    private static Action<TRow> Array<TRow, T>(RowMember member, DataViewRow input, DataViewSchema.Column column)
    {
        var get = input.GetGetter<VBuffer<T>>(column);
        var present = Present<TRow, T[]>(member);
        var write = member.Writer<TRow, T[]>();
        VBuffer<T> value = default;
        return row =>
        {
            get(ref value);
            var array = Reuse(present(row), value.Length);
            value.CopyTo(array);
            write(row, array);
        };
    }

    private static Action<TRow> Vector<TRow, T>(RowMember member, DataViewRow input, DataViewSchema.Column column)
    {
        var get = input.GetGetter<VBuffer<T>>(column);
        var present = Present<TRow, VBuffer<T>>(member);
        var write = member.Writer<TRow, VBuffer<T>>();
        return row =>
        {
            var value = present(row);
            get(ref value);
            write(row, value);
        };
    }

    private static Action<TRow> Scalar<TRow, T>(RowMember member, DataViewRow input, DataViewSchema.Column column)
    {
        var get = input.GetGetter<T>(column);
        var write = member.Writer<TRow, T>();
        T value = default;
        return row =>
        {
            get(ref value);
            write(row, value);
        };
    }

    private static Func<TRow, T> Present<TRow, T>(RowMember member) => member.CanRead ? member.Reader<TRow, T>() : _ => default;

    private static T[] Reuse<T>(T[] array, int length) => array?.Length == length ? array : new T[length];
}
