using System.Diagnostics.CodeAnalysis;

namespace MLNet.Dpo.Files.Safetensors;

/// <summary>The weights of a model folder under one name -> tensor lookup, whether they lie in <c>model.safetensors</c> or in shards with an index.</summary>
/// <remarks>All shards are open, none is read ahead. Reading is safe from several threads.</remarks>
internal sealed class SafetensorsCheckpoint : IDisposable
{
    private const string SingleName = "model.safetensors";
    private const string IndexName = "model.safetensors.index.json";

    private readonly List<SafetensorsFile> _files;
    private readonly Dictionary<string, SafetensorsFile> _fileOf;
    private readonly Dictionary<string, SafetensorsEntry> _tensors;

    private SafetensorsCheckpoint(string path, List<SafetensorsFile> files, Dictionary<string, SafetensorsFile> fileOf)
    {
        Path = path;
        _files = files;
        _fileOf = fileOf;
        _tensors = fileOf.ToDictionary(pair => pair.Key, pair => Entry(pair.Value, pair.Key), StringComparer.Ordinal);
    }

    /// <summary>The folder, or the file, that was opened.</summary>
    public string Path { get; }

    /// <summary>All tensors by name.</summary>
    public IReadOnlyDictionary<string, SafetensorsEntry> Tensors => _tensors;

    /// <summary>Opens a model folder (<c>model.safetensors</c> if there, else <c>model.safetensors.index.json</c> with its shards), or one safetensors file.</summary>
    /// <exception cref="FileNotFoundException">There is no such folder or file, or the folder has no safetensors weights.</exception>
    /// <exception cref="InvalidDataException">A file is broken, a shard is missing, or a shard lacks a tensor that the index places there.</exception>
    public static SafetensorsCheckpoint Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!Directory.Exists(path))
            return OpenSingle(path, path);
        var single = System.IO.Path.Combine(path, SingleName);
        if (File.Exists(single))
            return OpenSingle(path, single);
        var index = System.IO.Path.Combine(path, IndexName);
        if (!File.Exists(index))
            throw new FileNotFoundException($"the model folder '{path}' has neither {SingleName} nor {IndexName}; save the model as safetensors", single);
        return OpenShards(path, index);
    }

    /// <summary>Finds a tensor; false when the checkpoint has none of that name (for example <c>lm_head.weight</c> of a tied model).</summary>
    public bool TryGet(string name, [NotNullWhen(true)] out SafetensorsEntry? entry) => _tensors.TryGetValue(name, out entry);

    /// <summary>Finds a tensor that the model cannot do without.</summary>
    /// <exception cref="InvalidDataException">The checkpoint has none of that name.</exception>
    public SafetensorsEntry Get(string name) => _tensors.TryGetValue(name, out var entry)
        ? entry
        : throw new InvalidDataException($"the weights in '{Path}' lack tensor '{name}' ({_tensors.Count} others are there); the checkpoint is incomplete or of another architecture");

    /// <summary>The file that a tensor lies in.</summary>
    /// <exception cref="InvalidDataException">The checkpoint has none of that name.</exception>
    public SafetensorsFile FileOf(string name) => _fileOf[Get(name).Name];

    /// <summary>Copies a piece of a tensor: as many bytes as <paramref name="destination"/> holds, from byte <paramref name="start"/> of the tensor on.</summary>
    public void CopyTo(SafetensorsEntry entry, long start, Span<byte> destination)
    {
        ArgumentNullException.ThrowIfNull(entry);
        FileOf(entry.Name).CopyTo(entry, start, destination);
    }

    /// <summary>Closes all files.</summary>
    public void Dispose() => _files.ForEach(file => file.Dispose());

    private static SafetensorsEntry Entry(SafetensorsFile file, string name) => file.TryGet(name, out var entry)
        ? entry
        : throw new InvalidDataException($"'{file.Path}' lacks tensor '{name}', which {IndexName} places there; get both files again");

    private static SafetensorsCheckpoint OpenSingle(string path, string filePath)
    {
        var file = SafetensorsFile.Open(filePath);
        return new SafetensorsCheckpoint(path, [file], file.Tensors.ToDictionary(entry => entry.Name, _ => file, StringComparer.Ordinal));
    }

    private static SafetensorsCheckpoint OpenShards(string folder, string indexPath)
    {
        var index = SafetensorsIndex.Read(indexPath);
        var shards = new Dictionary<string, SafetensorsFile>(StringComparer.Ordinal);
        try
        {
            foreach (var shard in index.WeightMap.Values.Distinct().Order(StringComparer.Ordinal))
                shards.Add(shard, OpenShard(folder, shard, index));
            return new SafetensorsCheckpoint(folder, [.. shards.Values], index.WeightMap.ToDictionary(pair => pair.Key, pair => shards[pair.Value], StringComparer.Ordinal));
        }
        catch
        {
            foreach (var file in shards.Values)
                file.Dispose();
            throw;
        }
    }

    private static SafetensorsFile OpenShard(string folder, string shard, SafetensorsIndex index)
    {
        var path = System.IO.Path.Combine(folder, shard);
        if (!File.Exists(path))
            throw new InvalidDataException($"the shard '{path}' is missing; {IndexName} places {index.WeightMap.Values.Count(name => name == shard)} tensors there: get it, or save the model again");
        return SafetensorsFile.Open(path);
    }
}
