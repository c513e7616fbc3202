using System.Reflection;

namespace Microsoft.ML.Data;

/// <summary>Makes getters that read a member of the current row object.</summary>
internal static class MemberGetters
{
    public static Delegate Create<TRow>(RowColumn column, Func<TRow> current)
    {
        var item = column.Type.GetItemType().RawType;
        if (column.Member.MemberType == typeof(string))
            return Text(column.Member, current);
        if (column.Member.MemberType == typeof(string[]))
            return TextArray(column.Member, current);
        if (column.Member.MemberType.IsArray)
            return Invoke<TRow>(nameof(Array), item, column, current);
        if (column.Member.IsVector)
            return Invoke<TRow>(nameof(Vector), item, column, current);
        return Invoke<TRow>(column.Type is KeyDataViewType ? nameof(Key) : nameof(Scalar), item, column, current);
    }

    private static Delegate Invoke<TRow>(string method, Type item, RowColumn column, Func<TRow> current)
        => (Delegate)typeof(MemberGetters).GetMethod(method, BindingFlags.NonPublic | BindingFlags.Static)!
            .MakeGenericMethod(typeof(TRow), item).Invoke(null, [column, current]);

    private static ValueGetter<ReadOnlyMemory<char>> Text<TRow>(RowMember member, Func<TRow> current)
    {
        var read = member.Reader<TRow, string>();
        return (ref ReadOnlyMemory<char> dst) => dst = read(current()).AsMemory();
    }

    private static ValueGetter<VBuffer<ReadOnlyMemory<char>>> TextArray<TRow>(RowMember member, Func<TRow> current)
    {
        var read = member.Reader<TRow, string[]>();
        return (ref VBuffer<ReadOnlyMemory<char>> dst) =>
        {
            var source = read(current()) ?? [];
            var editor = VBufferEditor.Create(ref dst, source.Length);
            for (var i = 0; i < source.Length; i++)
                editor.Values[i] = source[i].AsMemory();
            dst = editor.Commit();
        };
    }

    private static ValueGetter<VBuffer<T>> Array<TRow, T>(RowColumn column, Func<TRow> current)
    {
        var read = column.Member.Reader<TRow, T[]>();
        return (ref VBuffer<T> dst) =>
        {
            var source = read(current()) ?? [];
            VBuffer<T>.Copy(source, 0, ref dst, source.Length);
        };
    }

    private static ValueGetter<VBuffer<T>> Vector<TRow, T>(RowColumn column, Func<TRow> current)
    {
        var read = column.Member.Reader<TRow, VBuffer<T>>();
        return (ref VBuffer<T> dst) => read(current()).CopyTo(ref dst);
    }

    private static ValueGetter<T> Scalar<TRow, T>(RowColumn column, Func<TRow> current)
    {
        var read = column.Member.Reader<TRow, T>();
        return (ref T dst) => dst = read(current());
    }

    /// <summary>Objects hold 0-based numbers, keys are 1-based; what is out of range is missing.</summary>
    private static ValueGetter<T> Key<TRow, T>(RowColumn column, Func<TRow> current)
    {
        var read = column.Member.Reader<TRow, T>();
        var count = ((KeyDataViewType)column.Type).Count;
        return (ref T dst) =>
        {
            var raw = Convert.ToUInt64(read(current()));
            dst = (T)Convert.ChangeType(raw < count ? raw + 1 : 0, typeof(T));
        };
    }
}
