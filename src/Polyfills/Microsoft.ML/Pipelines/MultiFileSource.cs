using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>Files; a path may have wildcards in its last part.</summary>
public sealed class MultiFileSource : IMultiStreamSource
{
    private readonly string[] _paths;

    /// <summary>A source of files. A path without a match is kept, and fails when it is opened.</summary>
    public MultiFileSource(params string[] paths)
    {
        if (paths == null || (paths.Length == 1 && paths[0] == null))
        {
            _paths = [];
            return;
        }
        var expanded = paths.SelectMany(FileWildcards.Expand).ToArray();
        _paths = expanded.Length > 0 ? expanded : paths;
    }

    /// <inheritdoc/>
    public int Count => _paths.Length;

    /// <inheritdoc/>
    public string GetPathOrNull(int index)
    {
        Contracts.CheckParam(0 <= index && index < Count, nameof(index));
        return _paths[index];
    }

    /// <inheritdoc/>
    public Stream Open(int index)
    {
        var path = GetPathOrNull(index);
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        }
        catch (Exception e)
        {
            throw Contracts.ExceptIO(e, $"Could not open file '{path}'. Error is: {e.Message}");
        }
    }

    /// <inheritdoc/>
    public TextReader OpenTextReader(int index) => new StreamReader(Open(index));
}
