using System.IO.Compression;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>A zip of named streams. Streams that are open lie in temporary files, so that they can be large and be written side by side.</summary>
internal abstract class Repository : IDisposable
{
    private readonly List<Entry> _open = [];
    private bool _disposed;

    protected Repository(IExceptionContext ectx)
    {
        ExceptionContext = ectx;
        var root = ectx is IHostEnvironmentInternal env ? env.TempFilePath : Path.GetTempPath();
        string folder;
        do
        {
            folder = Path.Combine(Path.GetFullPath(root), $"ml_dotnet_{Path.GetFileNameWithoutExtension(Path.GetRandomFileName())}");
        }
        while (Directory.Exists(folder));
        Folder = Directory.CreateDirectory(folder).FullName;
    }

    public IExceptionContext ExceptionContext { get; }

    protected string Folder { get; }

    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        DisposeCore();
        GC.SuppressFinalize(this);
    }

    protected virtual void DisposeCore()
    {
        CloseEntries();
        try
        {
            Directory.Delete(Folder, recursive: true);
        }
        catch (IOException)
        {
            // Left for the system to clear away: the model itself is whole.
        }
    }

    protected void CheckNotDisposed() => ExceptionContext.Check(!_disposed);

    protected void CloseEntries()
    {
        while (_open.Count > 0)
            _open[^1].Dispose();
    }

    protected Entry Track(string path, FileStream stream)
    {
        var entry = new Entry(this, path, stream);
        _open.Add(entry);
        return entry;
    }

    protected string EntryPath(string dir, string name)
    {
        ExceptionContext.CheckParam(dir == null || !dir.Contains("..", StringComparison.Ordinal), nameof(dir));
        ExceptionContext.CheckParam(!string.IsNullOrWhiteSpace(name) && !name.Contains("..", StringComparison.Ordinal), nameof(name));
        return Path.Combine(dir ?? "", name);
    }

    protected string NewTemporaryPath() => Path.Combine(Folder, Path.GetRandomFileName());

    protected abstract void OnClosed(Entry entry);

    /// <summary>An open stream of the zip.</summary>
    public sealed class Entry : IDisposable
    {
        private Repository _owner;

        internal Entry(Repository owner, string path, FileStream stream)
        {
            _owner = owner;
            Path = path;
            Stream = stream;
        }

        public string Path { get; }

        public FileStream Stream { get; }

        public void Dispose()
        {
            if (_owner == null)
                return;
            _owner._open.Remove(this);
            _owner.OnClosed(this);
            _owner = null;
        }
    }
}

/// <summary>Writes a zip; nothing of an entry is in it before the entry is closed.</summary>
internal sealed class RepositoryWriter : Repository
{
    /// <summary>The version of ML.NET whose layout is written.</summary>
    private const string ProductVersion = "5.0.0";

    private readonly ZipArchive _archive;
    private readonly HashSet<string> _paths = [];
    private readonly Queue<Entry> _closed = [];

    private RepositoryWriter(Stream stream, IExceptionContext ectx)
        : base(ectx)
        => _archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);

    public static RepositoryWriter CreateNew(Stream stream, IExceptionContext ectx = null)
    {
        ectx.CheckValue(stream, nameof(stream));
        var repository = new RepositoryWriter(stream, ectx);
        try
        {
            using var entry = repository.CreateEntry("TrainingInfo", "Version.txt");
            using var writer = new StreamWriter(entry.Stream, leaveOpen: true);
            writer.WriteLine(ProductVersion);
            return repository;
        }
        catch
        {
            repository.Dispose();
            throw;
        }
    }

    public Entry CreateEntry(string name) => CreateEntry(null, name);

    public Entry CreateEntry(string dir, string name)
    {
        CheckNotDisposed();
        Flush();
        var path = EntryPath(dir, name);
        ExceptionContext.CheckParam(_paths.Add(path), nameof(name), $"Duplicate entry: '{path}'");
        return Track(path, new FileStream(NewTemporaryPath(), FileMode.CreateNew));
    }

    /// <summary>Writes what is left and ends the zip.</summary>
    public void Commit()
    {
        CheckNotDisposed();
        CloseEntries();
        Flush();
        _archive.Dispose();
        Dispose();
    }

    protected override void OnClosed(Entry entry) => _closed.Enqueue(entry);

    protected override void DisposeCore()
    {
        CloseEntries();
        foreach (var entry in _closed)
            entry.Stream.Dispose();
        try
        {
            _archive.Dispose();
        }
        catch (IOException)
        {
            // Without Commit, what made the writing stop is already on its way to the caller.
        }
        base.DisposeCore();
    }

    private void Flush()
    {
        while (_closed.TryDequeue(out var entry))
        {
            using (var source = entry.Stream)
            using (var target = _archive.CreateEntry(entry.Path).Open())
            {
                source.Position = 0;
                source.CopyTo(target);
            }
            File.Delete(entry.Stream.Name);
        }
    }
}

/// <summary>Reads a zip; an entry is unpacked when it is opened.</summary>
internal sealed class RepositoryReader : Repository
{
    private readonly ZipArchive _archive;
    private readonly Dictionary<string, ZipArchiveEntry> _entries = new(StringComparer.Ordinal);

    private RepositoryReader(Stream stream, IExceptionContext ectx)
        : base(ectx)
    {
        try
        {
            _archive = new ZipArchive(stream, ZipArchiveMode.Read, leaveOpen: true);
        }
        catch (Exception ex)
        {
            base.DisposeCore();
            throw ectx.ExceptDecode(ex, "Failed to open a zip archive");
        }
        foreach (var entry in _archive.Entries)
            _entries[Normalize(entry.FullName)] = entry;
    }

    public static RepositoryReader Open(Stream stream, IExceptionContext ectx = null)
    {
        ectx.CheckValue(stream, nameof(stream));
        return new RepositoryReader(stream, ectx);
    }

    public Entry OpenEntryOrNull(string name) => OpenEntryOrNull(null, name);

    public Entry OpenEntryOrNull(string dir, string name)
    {
        CheckNotDisposed();
        var path = EntryPath(dir, name);
        if (!_entries.TryGetValue(Normalize(path), out var entry))
            return null;
        var temporary = NewTemporaryPath();
        entry.ExtractToFile(temporary);
        return Track(path, new FileStream(temporary, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.DeleteOnClose));
    }

    protected override void OnClosed(Entry entry) => entry.Stream.Dispose();

    protected override void DisposeCore()
    {
        _archive?.Dispose();
        base.DisposeCore();
    }

    /// <summary>Zips written on Windows have backslashes.</summary>
    private static string Normalize(string path) => path.Replace('\\', '/');
}
