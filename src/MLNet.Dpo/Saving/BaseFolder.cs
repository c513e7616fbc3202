using System.Security.Cryptography;

namespace MLNet.Dpo.Saving;

/// <summary>The base model's folder as a saved model names it: where it was, seen from the zip, and how it is found again.</summary>
internal static class BaseFolder
{
    /// <summary>The folder's own name: all that a model which holds its base's weights says of it.</summary>
    internal static string NameOf(string path) => Path.GetFileName(Path.TrimEndingDirectorySeparator(path.Replace('\\', '/')));

    /// <summary>The path to store: relative to the zip, so that both can move together, unless they have nothing but the root in common or the zip's folder is not known.</summary>
    internal static string Stored(string path, string? zipFolder)
    {
        if (!Directory.Exists(path))
            throw new DirectoryNotFoundException($"The saved model is to refer to its base model '{path}', which is not there; put it back, or save with BaseModelStorage.Embedded.");
        var full = Path.GetFullPath(path);
        if (zipFolder is null) return full;
        var relative = Path.GetRelativePath(zipFolder, full);
        var up = relative.Split(Path.DirectorySeparatorChar).TakeWhile(part => part == "..").Count();
        var depth = Path.GetFullPath(zipFolder)[Path.GetPathRoot(full)!.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries).Length;
        return Path.IsPathRooted(relative) || up == depth ? full : relative.Replace('\\', '/');
    }

    /// <summary>
    /// The folder that holds the base's weights: the stored path seen from the zip, else from the current directory, else a folder of that name beside the zip.
    /// </summary>
    /// <exception cref="DirectoryNotFoundException">None of them is there.</exception>
    /// <exception cref="InvalidDataException">Those that are there hold other weights.</exception>
    internal static string Find(string stored, string? zipFolder, string hash)
    {
        string[] places = [.. Places(stored, zipFolder).Distinct()];
        string[] present = [.. places.Where(Directory.Exists)];
        if (present.Length == 0)
            throw new DirectoryNotFoundException($"The saved model needs its base model, which is not there; looked for {string.Join(", ", places)}. Put it there, or save with BaseModelStorage.Embedded.");
        return present.FirstOrDefault(folder => HashOf(folder) == hash)
            ?? throw new InvalidDataException($"The base model at {string.Join(", ", present)} is not the one that the saved model was trained on; put the original back, or save with BaseModelStorage.Embedded.");
    }

    /// <summary>SHA-256 of the folder's weights, in hexadecimal.</summary>
    internal static string HashOf(string folder)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[1 << 20];
        foreach (var file in Directory.GetFiles(folder, "*.safetensors").Order(StringComparer.Ordinal))
        {
            using var stream = File.OpenRead(file);
            for (int read; (read = stream.Read(buffer)) > 0;) hash.AppendData(buffer, 0, read);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static IEnumerable<string> Places(string stored, string? zipFolder)
    {
        if (zipFolder is not null) yield return Path.GetFullPath(Path.Combine(zipFolder, stored));
        yield return Path.GetFullPath(stored);
        if (zipFolder is not null) yield return Path.GetFullPath(Path.Combine(zipFolder, NameOf(stored)));
    }
}
