using MLNet.Dpo.Files.Gguf;
using MLNet.Dpo.Models;
using static TorchSharp.torch;

namespace MLNet.Dpo.Saving.Gguf;

/// <summary>Writes a model with its tokenizer as one GGUF file.</summary>
internal static class GgufExport
{
    /// <summary>Writes a file whole or not at all.</summary>
    /// <param name="model">The model; adapters are merged into what is written, not into the model itself.</param>
    /// <param name="tokenizer">Its tokenizer.</param>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="type">How matrices are stored: F32, F16, BF16 or Q8_0. Norms and biases are F32 as llama.cpp asks for, and rows that Q8_0 cannot divide are F16.</param>
    internal static void Save(CausalLM model, HuggingFaceTokenizer tokenizer, string path, GgufType type)
    {
        var config = GgufConfigWriter.Write(model.Config, out var family);
        List<KeyValuePair<string, object>> values =
        [
            new("general.architecture", family.Architecture),
            new("general.type", "model"),
            new("general.name", Path.GetFileNameWithoutExtension(path)),
            new("general.file_type", FileType(type)),
            new("general.quantization_version", 2u),
            .. config.Values,
            .. GgufTokenizerWriter.Write(tokenizer, model.Config.VocabSize, model.Config.EosTokenIds),
        ];
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var merged = MergedWeights.Of(model);
        if (merged.HasOwnHead && family.IsGemma)
            throw new NotSupportedException($"the head of this {model.Config.ModelType} model is no longer tied to the embedding; GGUF, as llama.cpp computes it, ties them. Save a model folder instead (SaveModelFolder).");
        var factors = config.Factors.Select(factor => TensorGguf.Source(factor.Key, [factor.Value.Length], GgufType.F32, () => tensor(factor.Value)));
        try
        {
            GgufWriter.Write(path, values, [.. factors, .. merged.Tensors.Select(weight => Source(model.Config, family, weight.Key, weight.Value, type))]);
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"cannot write '{path}': {e.Message}", e);
        }
    }

    private static GgufSource Source(DecoderConfig config, GgufFamily family, string name, Tensor weight, GgufType type)
    {
        var own = family.NameOf(name) ?? throw new NotSupportedException($"the weight {name} has no place in a GGUF file of {config.ModelType}; save a model folder instead (SaveModelFolder).");
        var stored = weight.dim() < 2 ? GgufType.F32 : type == GgufType.Q8_0 && weight.shape[^1] % GgufTypes.Block != 0 ? GgufType.F16 : type;
        return TensorGguf.Source(own, weight.shape, stored, () => family.Outward(name, weight, config.NumAttentionHeads, config.NumKeyValueHeads));
    }

    // llama.cpp's numbers for what most tensors are.
    private static uint FileType(GgufType type) => type switch
    {
        GgufType.F32 => 0,
        GgufType.F16 => 1,
        GgufType.Q8_0 => 7,
        _ => 32,
    };
}
