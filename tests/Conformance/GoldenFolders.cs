namespace MLNet.Dpo.Conformance;

/// <summary>Finds the models and adapters that golden files refer to.</summary>
internal static class GoldenFolders
{
    /// <summary>The folder that a path such as <c>shared/fixtures/models/llama</c> means: models/llama under the nearest folder above that has it.</summary>
    /// <param name="folder">The golden folder.</param>
    /// <param name="reference">The path in its file; the last two parts count.</param>
    /// <exception cref="DirectoryNotFoundException">No folder above has it.</exception>
    public static string Find(string folder, string reference)
    {
        string[] parts = reference.Split('/', StringSplitOptions.RemoveEmptyEntries);
        string wanted = Path.Combine(parts.TakeLast(2).ToArray());
        for (var root = Directory.GetParent(Path.GetFullPath(folder)); root is not null; root = root.Parent)
        {
            string found = Path.Combine(root.FullName, wanted);
            if (Directory.Exists(found))
                return found;
        }
        throw new DirectoryNotFoundException($"{wanted}, which the golden file refers to, is in no folder above");
    }
}
