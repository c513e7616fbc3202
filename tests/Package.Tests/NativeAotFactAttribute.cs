using Xunit;

namespace MLNet.Dpo.Package.Tests;

/// <summary>A test that compiles to native code, which .NET leaves to the platform's linker; skipped where there is none.</summary>
public sealed class NativeAotFactAttribute : FactAttribute
{
    public NativeAotFactAttribute()
    {
        if (!HasLinker()) Skip = OperatingSystem.IsWindows() ? "NativeAOT needs Visual Studio's C++ tools" : "NativeAOT needs clang or gcc on the PATH";
    }

    private static bool HasLinker() => OperatingSystem.IsWindows()
        ? File.Exists(Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ProgramFilesX86), "Microsoft Visual Studio", "Installer", "vswhere.exe"))
        : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, "clang")) || File.Exists(Path.Combine(folder, "gcc")));
}
