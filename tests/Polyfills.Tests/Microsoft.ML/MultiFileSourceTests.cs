using Microsoft.ML;
using Microsoft.ML.Data;
using Xunit;

namespace Polyfills.Tests.MicrosoftML;

public sealed class MultiFileSourceTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();

    public MultiFileSourceTests()
    {
        foreach (var name in new[] { "b.txt", "a.txt", "c.json" })
            File.WriteAllText(Path.Combine(_folder.FullName, name), name);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Constructor_Wildcards_ExpandInOrder()
    {
        var source = new MultiFileSource(Path.Combine(_folder.FullName, "*.txt"), Path.Combine(_folder.FullName, "c.json"));

        Assert.Equal(3, source.Count);
        Assert.Equal(["a.txt", "b.txt", "c.json"], Enumerable.Range(0, 3).Select(i => Path.GetFileName(source.GetPathOrNull(i))));
        using var reader = source.OpenTextReader(1);
        Assert.Equal("b.txt", reader.ReadToEnd());
    }

    [Fact]
    public void Open_MissingFile_Throws()
    {
        var source = new MultiFileSource(Path.Combine(_folder.FullName, "nothing.txt"));

        Assert.Equal(1, source.Count);
        Assert.Throws<IOException>(() => source.Open(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => source.Open(1));
    }

    [Fact]
    public void Constructor_Null_IsEmpty()
    {
        Assert.Equal(0, new MultiFileSource(null!).Count);
    }

    [Fact]
    public void Load_Paths_GoToTheLoaderAsOneSource()
    {
        var loader = new CountingLoader();
        loader.Load(Path.Combine(_folder.FullName, "a.txt"), Path.Combine(_folder.FullName, "b.txt"));

        Assert.Equal(2, loader.Files);
    }

    private sealed class CountingLoader : IDataLoader<IMultiStreamSource>
    {
        public int Files { get; private set; }

        public DataViewSchema GetOutputSchema() => new DataViewSchema.Builder().ToSchema();

        public IDataView Load(IMultiStreamSource input)
        {
            Files = input.Count;
            return new MLContext().Data.LoadFromEnumerable<object>([]);
        }

        void ICanSaveModel.Save(ModelSaveContext ctx)
        {
        }
    }
}
