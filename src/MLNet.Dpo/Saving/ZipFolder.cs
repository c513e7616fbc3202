using System.IO.Compression;
using System.Runtime.CompilerServices;
using Microsoft.ML;
using MLNet.Dpo.Files;

namespace MLNet.Dpo.Saving;

/// <summary>
/// The folder that a model zip lies in, so that what is stored outside it can be found from there. ML.NET hands on the archive alone; its stream, which
/// knows the file, is a private field of <see cref="ZipArchive"/>. A runtime without that field, or a model on a stream that is no file, has no such folder. Of a symbolic link it is the folder of what it points to, whichever name the zip is opened by.
/// </summary>
internal static class ZipFolder
{
    internal static string? Of(ModelSaveContext ctx) => Of(ctx.Repository._archive);

    internal static string? Of(ModelLoadContext ctx) => Of(ctx.Repository._archive);

    private static string? Of(ZipArchive archive)
    {
        try
        {
            return StreamOf(archive) is FileStream { Name: var name } && Path.IsPathRooted(name) ? Path.GetDirectoryName(SymbolicLink.Target(name)) : null;
        }
        catch (MissingFieldException)
        {
            return null;
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_archiveStream")]
    private static extern ref Stream StreamOf(ZipArchive archive);
}
