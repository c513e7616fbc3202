using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data.IO;

/// <summary>How values of a type are laid out in a binary data view.</summary>
internal abstract class ValueCodec
{
    protected ValueCodec(string name, DataViewType type)
    {
        Name = name;
        Type = type;
    }

    /// <summary>The name in the file.</summary>
    public string Name { get; }

    public DataViewType Type { get; }

    /// <summary>Writes the name, then what else there is to know of the type, with its size in bytes.</summary>
    public void WriteDefinition(BinaryWriter writer)
    {
        using var parameters = new MemoryStream();
        using (var inner = new BinaryWriter(parameters))
        {
            WriteParameters(inner);
            inner.Flush();
            writer.Write(Name);
            writer.Write7BitEncodedInt64(parameters.Length);
            writer.Write(parameters.GetBuffer(), 0, (int)parameters.Length);
        }
    }

    /// <summary>Writes a column's fact.</summary>
    public abstract void WriteAnnotation(BinaryWriter writer, DataViewSchema.Annotations annotations, string kind);

    /// <summary>Reads a column's fact.</summary>
    public abstract void ReadAnnotation(BinaryReader reader, DataViewSchema.Annotations.Builder annotations, string kind);

    protected virtual void WriteParameters(BinaryWriter writer)
    {
    }
}

/// <summary>How values of a type are laid out in a binary data view.</summary>
internal abstract class ValueCodec<T>(string name, DataViewType type) : ValueCodec(name, type)
{
    public abstract void Write(BinaryWriter writer, IReadOnlyList<T> values);

    public abstract T[] Read(BinaryReader reader, int count);

    public override void WriteAnnotation(BinaryWriter writer, DataViewSchema.Annotations annotations, string kind)
    {
        T value = default;
        annotations.GetValue(kind, ref value);
        Write(writer, [value]);
    }

    public override void ReadAnnotation(BinaryReader reader, DataViewSchema.Annotations.Builder annotations, string kind)
    {
        var value = Read(reader, 1)[0];
        annotations.Add(kind, Type, Getter(value));
    }

    /// <summary>Gives the caller a value of his own.</summary>
    protected virtual ValueGetter<T> Getter(T value) => (ref T dst) => dst = value;

    protected static byte[] ReadBytes(BinaryReader reader, long count)
    {
        Contracts.CheckDecode(0 <= count && count <= reader.BaseStream.Length, "Value block is too short");
        var bytes = reader.ReadBytes((int)count);
        Contracts.CheckDecode(bytes.Length == count, "Value block is too short");
        return bytes;
    }
}
