using System.Text;
using MLNet.Dpo.Files.Gguf;
using MLNet.Dpo.Models;
using MLNet.Dpo.Models.Architectures;

namespace MLNet.Dpo.Saving.Gguf;

/// <summary>A GGUF file as a model: configuration, weights, tokenizer.</summary>
internal sealed class GgufModel : IDisposable
{
    private readonly GgufFile _file;

    private GgufModel(GgufFile file)
    {
        _file = file;
        Config = Architecture.Read(ConfigJson.Parse(file.Path, Encoding.UTF8.GetBytes(GgufConfigReader.Read(file).ToJsonString())));
        Weights = new GgufWeights(file, GgufConfigReader.FamilyOf(file.Metadata), Config);
    }

    internal DecoderConfig Config { get; }

    internal IWeightSource Weights { get; }

    /// <summary>What the file has.</summary>
    internal IReadOnlyList<GgufEntry> Tensors => _file.Tensors;

    /// <summary>Opens a file and reads its configuration.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is broken, or no complete model.</exception>
    /// <exception cref="NotSupportedException">Its family, or one of its settings, is not read.</exception>
    internal static GgufModel Open(string path)
    {
        var file = GgufFile.Open(path);
        try
        {
            return new GgufModel(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public void Dispose() => _file.Dispose();
}
