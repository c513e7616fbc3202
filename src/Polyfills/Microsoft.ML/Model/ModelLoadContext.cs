using System.Reflection;
using System.Text;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>What a component reads itself from: a directory of a repository with a main stream.</summary>
internal sealed class ModelLoadContext : IDisposable
{
    public const string ModelStreamName = "Model.key";

    private readonly IExceptionContext _ectx;

    public readonly RepositoryReader Repository;
    public readonly string Directory;
    public readonly BinaryReader Reader;
    public readonly string[] Strings;
    public readonly string LoaderAssemblyName;
    public readonly long FpMin;
    internal ModelHeader Header;

    internal ModelLoadContext(RepositoryReader rep, Repository.Entry ent, string dir)
    {
        Contracts.CheckValue(rep, nameof(rep));
        Repository = rep;
        _ectx = rep.ExceptionContext;
        Directory = dir;
        Reader = new BinaryReader(ent.Stream, Encoding.UTF8, leaveOpen: true);
        Header = ModelHeader.BeginRead(Reader, out FpMin, out Strings, out LoaderAssemblyName);
    }

    internal ModelLoadContext(BinaryReader reader, IExceptionContext ectx = null)
    {
        _ectx = ectx;
        _ectx.CheckValue(reader, nameof(reader));
        Reader = reader;
        Header = ModelHeader.BeginRead(Reader, out FpMin, out Strings, out LoaderAssemblyName);
    }

    public bool InRepository => Repository != null;

    public static bool LoadModelOrNull<TRes, TSig>(IHostEnvironment env, out TRes result, RepositoryReader rep, string dir, params object[] extra)
        where TRes : class
    {
        using var entry = rep.OpenEntryOrNull(dir, ModelStreamName);
        result = null;
        if (entry == null)
            return false;
        using var ctx = new ModelLoadContext(rep, entry, dir);
        if (!ctx.TryLoadModelCore<TRes, TSig>(env, out result, extra))
            throw env.ExceptDecode($"Couldn't load model: '{dir}'");
        return true;
    }

    public static void LoadModel<TRes, TSig>(IHostEnvironment env, out TRes result, RepositoryReader rep, string dir, params object[] extra)
        where TRes : class
    {
        if (!LoadModelOrNull<TRes, TSig>(env, out result, rep, dir, extra))
            throw env.ExceptDecode("Corrupt model file");
    }

    public static void LoadModel<TRes, TSig>(IHostEnvironment env, out TRes result, Stream stream, params object[] extra)
        where TRes : class
    {
        using var reader = new BinaryReader(stream, Encoding.UTF8, leaveOpen: true);
        using var ctx = new ModelLoadContext(reader);
        if (!ctx.TryLoadModelCore<TRes, TSig>(env, out result, extra))
            throw env.ExceptDecode("Couldn't load model");
    }

    public bool LoadModelOrNull<TRes, TSig>(IHostEnvironment env, out TRes result, string name, params object[] extra)
        where TRes : class
    {
        CheckInRepository();
        return LoadModelOrNull<TRes, TSig>(env, out result, Repository, Path.Combine(Directory ?? "", name), extra);
    }

    public void LoadModel<TRes, TSig>(IHostEnvironment env, out TRes result, string name, params object[] extra)
        where TRes : class
    {
        CheckInRepository();
        LoadModel<TRes, TSig>(env, out result, Repository, Path.Combine(Directory ?? "", name), extra);
    }

    public bool ContainsModel(string name)
    {
        if (!InRepository || string.IsNullOrEmpty(name))
            return false;
        using var entry = Repository.OpenEntryOrNull(Path.Combine(Directory ?? "", name), ModelStreamName);
        return entry != null;
    }

    public bool TryProcessSubModel(string dir, Action<ModelLoadContext> action)
    {
        CheckInRepository();
        _ectx.CheckNonEmpty(dir, nameof(dir));
        _ectx.CheckValue(action, nameof(action));
        var path = Path.Combine(Directory ?? "", dir);
        using var entry = Repository.OpenEntryOrNull(path, ModelStreamName);
        if (entry == null)
            return false;
        using var ctx = new ModelLoadContext(Repository, entry, path);
        action(ctx);
        return true;
    }

    public bool TryLoadBinaryStream(string name, Action<BinaryReader> action)
    {
        CheckInRepository();
        _ectx.CheckNonEmpty(name, nameof(name));
        _ectx.CheckValue(action, nameof(action));
        using var entry = Repository.OpenEntryOrNull(Directory, name);
        if (entry == null)
            return false;
        using var reader = new BinaryReader(entry.Stream, Encoding.UTF8, leaveOpen: true);
        action(reader);
        return true;
    }

    public bool TryLoadTextStream(string name, Action<TextReader> action)
    {
        CheckInRepository();
        _ectx.CheckNonEmpty(name, nameof(name));
        _ectx.CheckValue(action, nameof(action));
        using var entry = Repository.OpenEntryOrNull(Directory, name);
        if (entry == null)
            return false;
        using var reader = new StreamReader(entry.Stream);
        action(reader);
        return true;
    }

    public void CheckAtModel() => _ectx.Check(Reader.BaseStream.Position == FpMin + Header.FpModel);

    public void CheckAtModel(VersionInfo ver)
    {
        CheckAtModel();
        CheckVersionInfo(ver);
    }

    public void CheckVersionInfo(VersionInfo ver) => Header.CheckVersionInfo(ver);

    public string LoadStringOrNull()
    {
        var id = Reader.ReadInt32();
        _ectx.CheckDecode(id >= -1 && id < (Strings?.Length ?? 0));
        return id < 0 ? null : Strings[id];
    }

    public string LoadString()
    {
        var text = LoadStringOrNull();
        _ectx.CheckDecode(text != null);
        return text;
    }

    public string LoadNonEmptyString()
    {
        var text = LoadString();
        _ectx.CheckDecode(text.Length > 0);
        return text;
    }

    public void Done()
    {
        Header.EndRead(Reader, FpMin);
        Dispose();
    }

    public void Dispose()
    {
        if (InRepository)
            Reader.Dispose();
    }

    private bool TryLoadModelCore<TRes, TSig>(IHostEnvironment env, out TRes result, object[] extra)
        where TRes : class
    {
        RegisterLoaderAssembly(env.ComponentCatalog);
        object[] arguments = [this, .. extra];
        foreach (var loader in new[] { Header.Loader.ToString(), Header.LoaderAlt.ToString() })
        {
            if (string.IsNullOrWhiteSpace(loader) || !ComponentCatalog.TryCreateInstance<object, TSig>(env, out var created, loader, arguments))
                continue;
            if (created is TRes loaded)
            {
                result = loaded;
                Done();
                return true;
            }
        }
        result = null;
        return false;
    }

    /// <summary>ML.NET's own classes all live in this one assembly; any other is found by its name.</summary>
    private void RegisterLoaderAssembly(ComponentCatalog catalog)
    {
        if (string.IsNullOrEmpty(LoaderAssemblyName))
            return;
        var own = LoaderAssemblyName.StartsWith("Microsoft.ML.", StringComparison.Ordinal) || LoaderAssemblyName.StartsWith("Microsoft.ML,", StringComparison.Ordinal);
        catalog.RegisterAssembly(own ? typeof(ModelLoadContext).Assembly : Assembly.Load(LoaderAssemblyName));
    }

    private void CheckInRepository() => _ectx.Check(InRepository, "Can't Load a sub-model when reading from a single stream");
}
