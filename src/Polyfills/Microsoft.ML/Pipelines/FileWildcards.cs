namespace Microsoft.ML.Data;

/// <summary>Expands path patterns: <c>*</c> and <c>?</c> in the last part, <c>+</c> between patterns.</summary>
internal static class FileWildcards
{
    public static IEnumerable<string> Expand(string pattern)
    {
        if (File.Exists(pattern))
            return [pattern];
        if (pattern == null || pattern.IndexOfAny(['*', '?', '+']) < 0)
            return [];
        return pattern.Split('+', StringSplitOptions.RemoveEmptyEntries).SelectMany(ExpandOne).Distinct(StringComparer.OrdinalIgnoreCase);
    }

    private static IEnumerable<string> ExpandOne(string pattern)
    {
        if (pattern.IndexOfAny(['*', '?']) < 0)
            return File.Exists(pattern) ? [pattern] : [];
        var folder = Path.GetDirectoryName(pattern);
        var search = string.IsNullOrEmpty(folder) ? "." : folder;
        if (!Directory.Exists(search))
            return [];
        return Directory.GetFiles(search, Path.GetFileName(pattern)).Order(StringComparer.Ordinal)
            .Select(path => string.IsNullOrEmpty(folder) ? Path.GetFileName(path) : path);
    }
}
