using System.IO.Compression;
using System.Reflection;
using Microsoft.ML;
using MLNet.Dpo.Text;

namespace MLNet.Dpo.Saving;

/// <summary>
/// Loads model zips with errors of the promised kinds. ML.NET makes a model's parts by reflection, so that what a part says comes wrapped, and a damaged zip may fail anywhere in
/// ML.NET's own readers, with any kind of exception.
/// </summary>
internal static class ZipErrors
{
    internal static ITransformer Load(MLContext ml, string path, out DataViewSchema? inputSchema)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!File.Exists(path)) throw new FileNotFoundException($"{path}: no such file; expected a model that ml.Model.Save or ml.Preferences.SaveZip wrote.", path);
        ReadableFile.Open(path).Dispose();
        try
        {
            using (var zip = ZipFile.OpenRead(path)) ZipBounds.Check(zip);
            var model = ml.Model.Load(path, out var schema);
            inputSchema = schema;
            return model;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            throw Named(Unwrapped(e), path);
        }
    }

    private static Exception Unwrapped(Exception e)
    {
        while (e is TargetInvocationException { InnerException: { } inner }) e = inner;
        return e;
    }

    private static Exception Named(Exception e, string path)
    {
        var message = $"{path}: {e.Message.ReplaceLineEndings(" ")}";
        return e switch
        {
            NotSupportedException => new NotSupportedException(message, e),
            DirectoryNotFoundException => new DirectoryNotFoundException(message, e),
            // A component whose assembly is not there is one too, but says that the zip is of another program.
            FileNotFoundException { FileName: { } file } when !file.Contains("Version=", StringComparison.Ordinal) => new FileNotFoundException(message, file, e),
            InvalidDataException => new InvalidDataException(message, e),
            EndOfStreamException or FileLoadException or FileNotFoundException => new InvalidDataException($"{path} is no model that can be loaded: {e.Message.ReplaceLineEndings(" ")}", e),
            IOException => new IOException(message, e),
            _ => new InvalidDataException($"{path} is no model that can be loaded: {e.Message.ReplaceLineEndings(" ")}", e),
        };
    }
}
