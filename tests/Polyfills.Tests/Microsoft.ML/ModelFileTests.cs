using System.IO.Compression;
using System.Text;
using Microsoft.ML;
using Microsoft.ML.Data;
using Xunit;

namespace Polyfills.Tests.MicrosoftML;

public class ModelFileTests
{
    private readonly MLContext _ml = new(seed: 1);

    private static DataViewSchema AllTypes()
    {
        var annotations = new DataViewSchema.Annotations.Builder();
        annotations.AddPrimitiveValue("Kind", TextDataViewType.Instance, "Ranking".AsMemory());
        annotations.AddPrimitiveValue("Flag", BooleanDataViewType.Instance, true);
        annotations.AddPrimitiveValue("Set", new KeyDataViewType(typeof(uint), 10), 3u);
        annotations.Add("SlotNames", new VectorDataViewType(TextDataViewType.Instance, 40), (ref VBuffer<ReadOnlyMemory<char>> dst)
            => dst = new VBuffer<ReadOnlyMemory<char>>(40, [.. Enumerable.Range(0, 40).Select(i => $"a rather long name of slot {i}".AsMemory())]));
        annotations.Add("Sparse", new VectorDataViewType(NumberDataViewType.Double), (ref VBuffer<double> dst) => dst = new VBuffer<double>(9, 2, [1.5, -2], [3, 7]));
        var builder = new DataViewSchema.Builder();
        builder.AddColumn("Text", TextDataViewType.Instance);
        builder.AddColumn("Flag", BooleanDataViewType.Instance);
        PrimitiveDataViewType[] numbers =
        [
            NumberDataViewType.SByte, NumberDataViewType.Byte, NumberDataViewType.Int16, NumberDataViewType.UInt16, NumberDataViewType.Int32,
            NumberDataViewType.UInt32, NumberDataViewType.Int64, NumberDataViewType.UInt64, NumberDataViewType.Single, NumberDataViewType.Double,
        ];
        foreach (var number in numbers)
        {
            builder.AddColumn(number.ToString(), number);
            builder.AddColumn($"{number}s", new VectorDataViewType(number));
        }
        builder.AddColumn("Key", new KeyDataViewType(typeof(uint), 7));
        builder.AddColumn("Keys", new VectorDataViewType(new KeyDataViewType(typeof(byte), 200), 3));
        builder.AddColumn("Texts", new VectorDataViewType(TextDataViewType.Instance));
        builder.AddColumn("Flags", new VectorDataViewType(BooleanDataViewType.Instance, 2));
        builder.AddColumn("Matrix", new VectorDataViewType(NumberDataViewType.Single, 2, 0, 3));
        builder.AddColumn("Id", RowIdDataViewType.Instance);
        builder.AddColumn("When", DateTimeDataViewType.Instance);
        builder.AddColumn("WhenThere", DateTimeOffsetDataViewType.Instance);
        builder.AddColumn("HowLong", TimeSpanDataViewType.Instance);
        builder.AddColumn("Annotated", NumberDataViewType.Single, annotations.ToAnnotations());
        builder.AddColumn("Text", NumberDataViewType.Single);
        builder.AddColumn("数字", NumberDataViewType.Single);
        return builder.ToSchema();
    }

    private MemoryStream Save(DataViewSchema? schema)
    {
        var stream = new MemoryStream();
        _ml.Model.Save(new TransformerChain<ITransformer>(), schema, stream);
        stream.Position = 0;
        return stream;
    }

    [Fact]
    public void Save_Schema_IsReadBack()
    {
        var saved = AllTypes();
        var model = _ml.Model.Load(Save(saved), out var loaded);

        Assert.Empty(Assert.IsType<TransformerChain<ITransformer>>(model));
        Assert.Equal(saved.Select(c => (c.Name, c.Type.ToString()!, c.IsHidden)), loaded.Select(c => (c.Name, c.Type.ToString()!, c.IsHidden)));
        Assert.All(saved, c => Assert.True(c.Type.Equals(loaded[c.Index].Type), c.Name));
    }

    [Fact]
    public void Save_Annotations_AreReadBack()
    {
        _ml.Model.Load(Save(AllTypes()), out var schema);
        var annotations = schema["Annotated"].Annotations;
        ReadOnlyMemory<char> kind = default;
        annotations.GetValue("Kind", ref kind);
        var flag = false;
        annotations.GetValue("Flag", ref flag);
        var set = 0u;
        annotations.GetValue("Set", ref set);
        VBuffer<ReadOnlyMemory<char>> names = default;
        annotations.GetValue("SlotNames", ref names);
        VBuffer<double> sparse = default;
        annotations.GetValue("Sparse", ref sparse);

        Assert.Equal("Ranking", kind.ToString());
        Assert.True(flag);
        Assert.Equal(3u, set);
        Assert.Equal("a rather long name of slot 39", names.GetItemOrDefault(39).ToString());
        Assert.Equal([0, 0, 0, 1.5, 0, 0, 0, -2, 0], sparse.DenseValues());
        Assert.Equal("Vector<String, 40>", annotations.Schema["SlotNames"].Type.ToString());
    }

    [Fact]
    public void Save_NoSchema_LoadsWithoutOne()
    {
        var stream = Save(null);
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Read, leaveOpen: true))
            Assert.Null(zip.GetEntry("Schema"));
        stream.Position = 0;

        Assert.NotNull(_ml.Model.Load(stream, out var schema));
        Assert.Null(schema);
    }

    [Fact]
    public void Save_Layout_IsTheKnownOne()
    {
        using var zip = new ZipArchive(Save(AllTypes()));
        Assert.Equal(["Schema", "TrainingInfo/Version.txt", "TransformerChain/Model.key"], zip.Entries.Select(e => e.FullName.Replace('\\', '/')).Order(StringComparer.Ordinal));

        using var bytes = new MemoryStream();
        using (var entry = zip.Entries.Single(e => e.Name == "Model.key").Open())
            entry.CopyTo(bytes);
        using var reader = new BinaryReader(bytes);
        bytes.Position = 0;
        Assert.Equal(0x4C45444F4D004C4Dul, reader.ReadUInt64());
        Assert.Equal(0x00010002u, reader.ReadUInt32());
        Assert.Equal(0x00010002u, reader.ReadUInt32());
        Assert.Equal(256, reader.ReadInt64());
        Assert.Equal(sizeof(int), reader.ReadInt64());
        bytes.Position = 0x40;
        Assert.Equal("XF\0CHAIN", Encoding.ASCII.GetString(reader.ReadBytes(8)));
        Assert.Equal(0x00010001u, reader.ReadUInt32());
        bytes.Position = 0x50;
        Assert.Equal("TransformerChain", Encoding.ASCII.GetString(reader.ReadBytes(24)).TrimEnd('\0'));
        bytes.Position = 0x80;
        var (tail, limit, nameOffset) = (reader.ReadInt64(), reader.ReadInt64(), reader.ReadInt64());
        var nameLength = reader.ReadInt32();
        Assert.Equal(bytes.Length, limit);
        bytes.Position = 256;
        Assert.Equal(0, reader.ReadInt32());
        Assert.Equal(nameOffset, bytes.Position);
        Assert.StartsWith("Microsoft.ML.Data, Version=", Encoding.Unicode.GetString(reader.ReadBytes(nameLength)), StringComparison.Ordinal);
        Assert.Equal(tail, bytes.Position);
        Assert.Equal(0x4D4C004D4F44454Cul, reader.ReadUInt64());
    }

    [Fact]
    public void Save_File_IsReplaced()
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            File.WriteAllBytes(path, new byte[100_000]);
            _ml.Model.Save(new TransformerChain<ITransformer>(), AllTypes(), path);
            Assert.True(new FileInfo(path).Length < 100_000);
            Assert.NotNull(_ml.Model.Load(path, out var schema));
            Assert.Equal("数字", schema[^1].Name);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Save_Failing_UsesTempFilePathAndLeavesItClean()
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            var ml = new MLContext { TempFilePath = folder.FullName };
            var used = false;
            var model = new TransformerChain<ITransformer>(new Watcher(() => used = folder.EnumerateDirectories().Any()));

            Assert.Throws<NotSupportedException>(() => ml.Model.Save(model, null, new MemoryStream()));
            Assert.True(used);
            Assert.Empty(folder.EnumerateFileSystemInfos());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Load_NotAModel_Throws()
    {
        Assert.Throws<FormatException>(() => _ml.Model.Load(new MemoryStream([1, 2, 3]), out _));
        Assert.Throws<FileNotFoundException>(() => _ml.Model.Load("no such file.zip", out _));
        Assert.Throws<ArgumentNullException>(() => _ml.Model.Load((Stream)null!, out _));
    }

    [Fact]
    public void Load_NoModelInZip_Throws()
    {
        var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
            zip.CreateEntry("Other");
        stream.Position = 0;

        Assert.Throws<InvalidOperationException>(() => _ml.Model.Load(stream, out _));
    }

    [Fact]
    public void Load_DamagedHeader_Throws()
    {
        var source = Save(null);
        var damaged = new MemoryStream();
        using (var from = new ZipArchive(source))
        using (var to = new ZipArchive(damaged, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var entry in from.Entries)
            {
                using var bytes = new MemoryStream();
                using (var stream = entry.Open())
                    stream.CopyTo(bytes);
                if (entry.Name == "Model.key")
                    bytes.GetBuffer()[0]++;
                using var copy = to.CreateEntry(entry.FullName).Open();
                copy.Write(bytes.GetBuffer(), 0, (int)bytes.Length);
            }
        }
        damaged.Position = 0;

        Assert.Throws<FormatException>(() => _ml.Model.Load(damaged, out _));
    }

    /// <summary>Cannot be saved, but sees that it is tried.</summary>
    private sealed class Watcher(Action onSave) : ITransformer
    {
        public bool IsRowToRowMapper => false;

        public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => inputSchema;

        public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => throw new NotSupportedException();

        public IDataView Transform(IDataView input) => input;

        void ICanSaveModel.Save(ModelSaveContext ctx)
        {
            onSave();
            throw new NotSupportedException();
        }
    }
}
