namespace MLNet.Dpo.Conformance;

/// <summary>The tokenizers in the folder <c>tokenizers</c> beside a golden folder, each loaded once.</summary>
internal sealed class TokenizerFolders(string folder)
{
    private readonly Dictionary<string, HuggingFaceTokenizer> _known = [];

    /// <summary>A tokenizer by the name of its folder; null where it is not there.</summary>
    public HuggingFaceTokenizer? Find(string name)
    {
        string path = Path.Combine(folder, "..", "tokenizers", name);
        if (!_known.TryGetValue(name, out var tokenizer) && Directory.Exists(path))
            _known[name] = tokenizer = HuggingFaceTokenizer.Load(path);
        return tokenizer;
    }
}
