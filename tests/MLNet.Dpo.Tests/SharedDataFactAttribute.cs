using System.Runtime.CompilerServices;
using Xunit;

namespace MLNet.Dpo.Tests;

/// <summary>A test that reads a file or folder kept beside the repository, in <c>../shared</c>; skipped where that is not there.</summary>
public sealed class SharedDataFactAttribute : FactAttribute
{
    public SharedDataFactAttribute(string pathUnderShared)
    {
        if (!Path.Exists(SharedData.PathTo(pathUnderShared)))
            Skip = $"../shared/{pathUnderShared} is not here";
    }
}

/// <summary>The folder <c>shared</c> beside the repository.</summary>
internal static class SharedData
{
    public static string PathTo(string pathUnderShared) => Path.Combine(Root(), pathUnderShared);

    private static string Root([CallerFilePath] string thisFile = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile)!, "..", "..", "..", "shared"));
}
