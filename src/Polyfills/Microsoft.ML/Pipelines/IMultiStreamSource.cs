namespace Microsoft.ML.Data;

/// <summary>Streams, such as files, that make up one data set.</summary>
public interface IMultiStreamSource
{
    /// <summary>The number of streams.</summary>
    int Count { get; }

    /// <summary>The path of a stream, when it is a file.</summary>
    string GetPathOrNull(int index);

    /// <summary>Opens a stream.</summary>
    Stream Open(int index);

    /// <summary>Opens a stream as text.</summary>
    TextReader OpenTextReader(int index);
}
