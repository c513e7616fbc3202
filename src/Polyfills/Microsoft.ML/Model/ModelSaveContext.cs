using System.Text;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>An object that can be written as a model.</summary>
public interface ICanSaveModel
{
    /// <summary>Writes the model.</summary>
    void Save(ModelSaveContext ctx);
}

/// <summary>What a component writes itself to: a directory of a repository with a main stream.</summary>
public sealed class ModelSaveContext : IDisposable
{
    private readonly Repository.Entry _entry;
    private readonly IExceptionContext _ectx;
    private readonly List<string> _strings = [];
    private readonly Dictionary<string, int> _stringIds = new(StringComparer.Ordinal);
    private string _loaderAssemblyName;

    internal readonly RepositoryWriter Repository;
    internal readonly string Directory;
    internal readonly BinaryWriter Writer;
    internal readonly long FpMin;
    internal ModelHeader Header;

    internal ModelSaveContext(RepositoryWriter rep, string dir, string name)
    {
        Contracts.CheckValue(rep, nameof(rep));
        Repository = rep;
        _ectx = rep.ExceptionContext;
        _ectx.CheckNonEmpty(name, nameof(name));
        Directory = dir;
        _entry = rep.CreateEntry(dir, name);
        Writer = new BinaryWriter(_entry.Stream, Encoding.UTF8, leaveOpen: true);
        Header = ModelHeader.BeginWrite(Writer, out FpMin);
    }

    internal ModelSaveContext(BinaryWriter writer, IExceptionContext ectx = null)
    {
        _ectx = ectx;
        _ectx.CheckValue(writer, nameof(writer));
        Writer = writer;
        Header = ModelHeader.BeginWrite(Writer, out FpMin);
    }

    internal bool InRepository => Repository != null;

    internal static void SaveModel<T>(RepositoryWriter rep, T value, string path)
        where T : class
    {
        if (value is not ICanSaveModel model)
            return;
        using var ctx = new ModelSaveContext(rep, path, ModelLoadContext.ModelStreamName);
        model.Save(ctx);
        ctx.Done();
    }

    internal static void Save(BinaryWriter writer, Action<ModelSaveContext> fn)
    {
        Contracts.CheckValue(writer, nameof(writer));
        Contracts.CheckValue(fn, nameof(fn));
        using var ctx = new ModelSaveContext(writer);
        fn(ctx);
        ctx.Done();
    }

    internal void SaveModel<T>(T value, string name)
        where T : class
    {
        CheckInRepository();
        SaveModel(Repository, value, Path.Combine(Directory ?? "", name));
    }

    internal void SaveSubModel(string dir, Action<ModelSaveContext> fn)
    {
        CheckInRepository();
        _ectx.CheckNonEmpty(dir, nameof(dir));
        _ectx.CheckValue(fn, nameof(fn));
        using var ctx = new ModelSaveContext(Repository, Path.Combine(Directory ?? "", dir), ModelLoadContext.ModelStreamName);
        fn(ctx);
        ctx.Done();
    }

    internal void CheckAtModel() => _ectx.Check(Writer.BaseStream.Position == FpMin + Header.FpModel);

    internal void SetVersionInfo(VersionInfo ver)
    {
        Header.SetVersionInfo(ver);
        _loaderAssemblyName = ver.LoaderAssemblyName;
    }

    internal void SaveTextStream(string name, Action<TextWriter> action)
    {
        CheckInRepository();
        _ectx.CheckNonEmpty(name, nameof(name));
        _ectx.CheckValue(action, nameof(action));
        using var entry = Repository.CreateEntry(Directory, name);
        using var writer = new StreamWriter(entry.Stream, leaveOpen: true);
        action(writer);
    }

    internal void SaveBinaryStream(string name, Action<BinaryWriter> action)
    {
        CheckInRepository();
        _ectx.CheckNonEmpty(name, nameof(name));
        _ectx.CheckValue(action, nameof(action));
        using var entry = Repository.CreateEntry(Directory, name);
        using var writer = new BinaryWriter(entry.Stream, Encoding.UTF8, leaveOpen: true);
        action(writer);
    }

    internal void SaveStringOrNull(string str) => Writer.Write(str == null ? -1 : StringId(str));

    internal void SaveString(string str)
    {
        _ectx.CheckValue(str, nameof(str));
        Writer.Write(StringId(str));
    }

    internal void SaveString(ReadOnlyMemory<char> str) => Writer.Write(StringId(str.ToString()));

    internal void SaveNonEmptyString(string str)
    {
        _ectx.CheckParam(!string.IsNullOrEmpty(str), nameof(str));
        Writer.Write(StringId(str));
    }

    internal void SaveNonEmptyString(ReadOnlyMemory<char> str) => Writer.Write(StringId(str.ToString()));

    internal void Done()
    {
        _ectx.Check(Header.ModelSignature != 0, "ModelSignature not specified!");
        Header.EndWrite(Writer, FpMin, _strings, _loaderAssemblyName);
        Dispose();
    }

    /// <summary>Closes the stream; one that belongs to the caller stays open.</summary>
    public void Dispose()
    {
        if (!InRepository)
            return;
        Writer.Dispose();
        _entry.Dispose();
    }

    private int StringId(string text)
    {
        if (!_stringIds.TryGetValue(text, out var id))
        {
            _stringIds[text] = id = _strings.Count;
            _strings.Add(text);
        }
        return id;
    }

    private void CheckInRepository() => _ectx.Check(InRepository, "Can't save a sub-model when writing to a single stream");
}
