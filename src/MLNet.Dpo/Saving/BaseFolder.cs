using System.Security.Cryptography;

namespace MLNet.Dpo.Saving;

/// <summary>The base model's folder as a saved model names it: where it was, seen from the zip, and how it is found again.</summary>
internal static class BaseFolder
{
    /// <summary>In messages: the model whose weights were tuned.</summary>
    internal const string Base = "base model";

    /// <summary>The folder's own name: all that a model which holds its base's weights says of it.</summary>
    internal static string NameOf(string path) => Path.GetFileName(Path.TrimEndingDirectorySeparator(path.Replace('\\', '/')));

    /// <summary>The path to store: relative to the zip, so that both can move together, unless they have nothing but the root in common or the zip's folder is not known.</summary>
    internal static string Stored(string path, string? zipFolder)
    {
        if (!OpenedWeights.IsThere(path))
            throw new DirectoryNotFoundException($"The saved model is to refer to its base model '{path}', which is not there; put it back, or save with BaseModelStorage.Embedded.");
        var full = Path.GetFullPath(path);
        if (zipFolder is null) return full;
        var relative = Path.GetRelativePath(zipFolder, full);
        var up = relative.Split(Path.DirectorySeparatorChar).TakeWhile(part => part == "..").Count();
        var depth = Path.GetFullPath(zipFolder)[Path.GetPathRoot(full)!.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries).Length;
        return Path.IsPathRooted(relative) || up == depth ? full : relative.Replace('\\', '/');
    }

    /// <summary>The path to store in a model that can do without the folder: seen from the zip, or only its name, but no path of this machine.</summary>
    internal static string Portable(string path, string? zipFolder) =>
        OpenedWeights.IsThere(path) && Stored(path, zipFolder) is var stored && !Path.IsPathRooted(stored) ? stored : NameOf(path);

    /// <summary>Whether there is a folder where <see cref="Find"/> would look.</summary>
    internal static bool IsThere(string stored, string? zipFolder) => Places(stored, zipFolder).Any(OpenedWeights.IsThere);

    /// <summary>
    /// What lies in the folder that was stored: in the stored path seen from the zip, else from the current directory, else in a folder of that name beside the zip.
    /// </summary>
    /// <param name="role">What it is to the saved model.</param>
    /// <param name="stored">The path as it was stored.</param>
    /// <param name="zipFolder">The folder of the zip; null where it is not known.</param>
    /// <param name="load">Loads from a folder; null where that holds something else, in which case the next one is tried.</param>
    /// <exception cref="DirectoryNotFoundException">None of them is there.</exception>
    /// <exception cref="InvalidDataException">Those that are there hold other weights.</exception>
    internal static T Find<T>(string role, string stored, string? zipFolder, Func<string, T?> load) where T : class
    {
        string[] places = [.. Places(stored, zipFolder).Distinct()];
        string[] present = [.. places.Where(OpenedWeights.IsThere)];
        if (present.Length == 0)
            throw new DirectoryNotFoundException($"The saved model needs its {role}, which is not there; looked for {string.Join(", ", places)}. Put it there{Instead(role)}.");
        Exception? failure = null;
        foreach (var folder in present)
        {
            try
            {
                if (load(folder) is { } found) return found;
            }
            catch (Exception e) when (e is InvalidDataException or FileNotFoundException or NotSupportedException)
            {
                failure ??= e;
            }
        }
        throw new InvalidDataException($"The {role} at {string.Join(", ", present)} is not the one that the saved model was trained on{(failure is null ? "" : $" ({failure.Message.TrimEnd('.').ReplaceLineEndings(" ")})")}; put the original back{Instead(role)}.", failure);
    }

    private static IEnumerable<string> FilesOf(string folder) => Directory.Exists(folder) ? Directory.GetFiles(folder, "*.safetensors").Order(StringComparer.Ordinal) : [folder];

    /// <summary>SHA-256 of the folder's weight files (or of the GGUF file), in hexadecimal: how earlier versions tell a base from another.</summary>
    internal static string HashOf(string folder)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[1 << 20];
        foreach (var file in FilesOf(folder))
        {
            using var stream = File.OpenRead(file);
            for (int read; (read = stream.Read(buffer)) > 0;) hash.AppendData(buffer, 0, read);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static string Instead(string role) => role == Base ? ", or save with BaseModelStorage.Embedded" : "";

    /// <summary>Where the folder is looked for, in this order.</summary>
    internal static IEnumerable<string> Places(string stored, string? zipFolder)
    {
        if (zipFolder is not null) yield return Path.GetFullPath(Path.Combine(zipFolder, stored));
        yield return Path.GetFullPath(stored);
        if (zipFolder is not null) yield return Path.GetFullPath(Path.Combine(zipFolder, NameOf(stored)));
    }
}
