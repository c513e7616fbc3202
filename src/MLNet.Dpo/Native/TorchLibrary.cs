using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using System.Runtime.Versioning;

namespace MLNet.Dpo.Native;

/// <summary>
/// Loads TorchSharp's native library on Linux where the runtime's own search does not, for one of two reasons.
/// It asks for the symbol version GLIBCXX_3.4.32 (GCC 13.2), which Debian 12, Ubuntu 22.04 and RHEL 9 lack, though it uses no symbol of it: a copy that can do without is loaded.
/// Or it lies in another folder than libtorch (package folders, not copied together), which it needs: libtorch is loaded first, and the linker then knows it by name.
/// </summary>
internal static class TorchLibrary
{
    private const string LibraryFile = "libLibTorchSharp.so";
    private const string Version = "GLIBCXX_3.4.32";
    private const string VersionSymbol = "_ZSt21ios_base_library_initv"; // the symbol that came with the version: libstdc++ has both or neither
    private static readonly Lazy<nint> Handle = new(() => OperatingSystem.IsLinux() ? Load() : 0);

    /// <summary>Runs before any other code of this assembly. The runtime asks the handler only after its own search has failed, so elsewhere nothing more is done.</summary>
    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "A program should not have to know that this is needed.")]
    internal static void Register()
    {
        if (OperatingSystem.IsLinux())
            AssemblyLoadContext.GetLoadContext(typeof(TorchLibrary).Assembly)!.ResolvingUnmanagedDll += (_, name) => name == "LibTorchSharp" ? Handle.Value : 0;
    }

    [SupportedOSPlatform("linux")]
    private static nint Load()
    {
        var source = Find(LibraryFile);
        var libtorch = Find("libtorch.so") ?? "libtorch.so"; // a program may have loaded its own: the linker knows that by name
        if (!LacksVersion()) // a failure is TorchSharp's to report then: it has more places to look in
            return source != null && NativeLibrary.TryLoad(libtorch, out _) && NativeLibrary.TryLoad(source, out var handle) ? handle : 0;
        try
        {
            NativeLibrary.Load(libtorch);
            return LoadCopy(source ?? throw new FileNotFoundException($"it is in none of {string.Join(", ", Folders())}", LibraryFile));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException or DllNotFoundException)
        {
            var message = Message(source ?? LibraryFile, e);
            Console.Error.WriteLine(message); // TorchSharp catches the exception and buries its text in a long trace, under advice that does not help here
            throw new DllNotFoundException(message, e);
        }
    }

    /// <summary>Whether the libstdc++ of this process, which any library loaded later gets too, is older than the version.</summary>
    private static bool LacksVersion() => NativeLibrary.TryLoad("libstdc++.so.6", out var library) && !NativeLibrary.TryGetExport(library, VersionSymbol, out _);

    [SupportedOSPlatform("linux")]
    private static nint LoadCopy(string source)
    {
        try
        {
            var folder = Directory.CreateDirectory(CacheFolder(), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            return NativeLibrary.Load(WeakVersionCopy.Of(source, Version, folder.FullName));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or DllNotFoundException) // not writable, or mounted noexec
        {
            var folder = Directory.CreateTempSubdirectory("mlnet-dpo-"); // a new one for the user alone: in a known place others could put files
            try
            {
                return NativeLibrary.Load(WeakVersionCopy.Of(source, Version, folder.FullName));
            }
            finally
            {
                folder.Delete(recursive: true); // what is loaded stays
            }
        }
    }

    /// <summary>In the user's cache, as the XDG base directory specification has it (a relative path there is ignored).</summary>
    private static string CacheFolder()
    {
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify);
        var cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { } given && Path.IsPathRooted(given) ? given : Path.Combine(home, ".cache");
        return Path.IsPathRooted(cache) ? Path.Combine(cache, "mlnet-dpo", "native") : throw new DirectoryNotFoundException("the user has no home folder");
    }

    /// <summary>The path of one of the packages' native files; null when it is not there.</summary>
    internal static string? Find(string file)
    {
        foreach (var folder in Folders())
            if (Path.Combine(folder, file) is var path && File.Exists(path))
                return path;
        return null;
    }

    /// <summary>The runtime's list (with the package folders of deps.json, where files were not copied), then beside this assembly and beside the program.</summary>
    private static string[] Folders()
    {
        var listed = (AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        var native = $"runtimes/linux-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}/native";
        var program = AppContext.BaseDirectory;
        var assembly = Path.GetDirectoryName(typeof(TorchLibrary).Assembly.Location) is { Length: > 0 } folder ? folder : program; // none in a single-file program
        return [.. listed, assembly, Path.Combine(assembly, native), program, Path.Combine(program, native)];
    }

    private static string Message(string source, Exception reason)
    {
        var advice = reason is DllNotFoundException or InvalidDataException or FileNotFoundException { FileName: LibraryFile }
            ? "reference TorchSharp and its native package (such as libtorch-cpu-linux-x64) in the program itself, or use a system with libstdc++ of GCC 13.2 or later"
            : $"let XDG_CACHE_HOME or TMPDIR be a folder that can be written to (the cache was tried first, then '{Path.GetTempPath()}')";
        var cause = reason.Message.ReplaceLineEndings(" ").Trim().TrimEnd('.');
        return $"MLNet.Dpo: this system's libstdc++ lacks {Version}, and TorchSharp's '{source}' could not be loaded without it: {cause}; {advice}";
    }
}
