using MLNet.Dpo.Files.Gguf;
using MLNet.Dpo.Saving.Gguf;

namespace MLNet.Dpo.Saving;

/// <summary>The tokenizer of a model, be that a folder or a GGUF file.</summary>
internal static class ModelTokenizer
{
    /// <summary>Reads it.</summary>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    /// <exception cref="InvalidDataException">It is malformed, or asks for something unsupported; the message names the file.</exception>
    internal static HuggingFaceTokenizer Load(string path)
    {
        if (!GgufFile.IsNamed(path)) return HuggingFaceTokenizer.Load(path);
        using var file = GgufFile.Open(path);
        try
        {
            return HuggingFaceTokenizer.Load(GgufTokenizerReader.Read(file.Metadata));
        }
        catch (InvalidDataException e) when (!e.Message.StartsWith(path, StringComparison.Ordinal))
        {
            throw new InvalidDataException($"{path}: {e.Message}", e);
        }
    }
}
