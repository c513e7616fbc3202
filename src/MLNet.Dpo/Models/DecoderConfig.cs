using System.Text.Json.Nodes;

namespace MLNet.Dpo.Models;

/// <summary>
/// What a decoder-only transformer looks like, in Hugging Face's names. An architecture (see <c>Models/Architectures</c>) reads it from
/// <c>config.json</c>; the components in this folder build themselves from it.
/// </summary>
internal sealed record DecoderConfig
{
    /// <summary>The architecture's name in <c>config.json</c>, for example <c>llama</c>.</summary>
    public required string ModelType { get; init; }

    /// <summary>Rows of the embedding matrix; token ids are 0 to this minus 1.</summary>
    public required int VocabSize { get; init; }

    /// <summary>Width of the residual stream.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Width between the two halves of the MLP.</summary>
    public required int IntermediateSize { get; init; }

    /// <summary>Number of decoder layers.</summary>
    public required int NumHiddenLayers { get; init; }

    /// <summary>Query heads.</summary>
    public required int NumAttentionHeads { get; init; }

    /// <summary>Key and value heads; each serves <see cref="NumAttentionHeads"/> / this query heads.</summary>
    public required int NumKeyValueHeads { get; init; }

    /// <summary>Width of one head.</summary>
    public required int HeadDim { get; init; }

    /// <summary>The epsilon under the root of every RMS norm.</summary>
    public required double RmsNormEps { get; init; }

    /// <summary>How positions are turned into rotations.</summary>
    public required RopeConfig Rope { get; init; }

    /// <summary>Whether the language-model head is the embedding matrix.</summary>
    public bool TieWordEmbeddings { get; init; }

    /// <summary>Whether the query, key and value projections have a bias.</summary>
    public bool QkvBias { get; init; }

    /// <summary>Whether the attention's output projection has a bias.</summary>
    public bool AttentionOutputBias { get; init; }

    /// <summary>Whether the MLP's projections have a bias.</summary>
    public bool MlpBias { get; init; }

    /// <summary>The longest sequence that the model was made for, in tokens.</summary>
    public int MaxPositionEmbeddings { get; init; }

    /// <summary>Standard deviation of randomly initialised matrices.</summary>
    public double InitializerRange { get; init; } = 0.02;

    /// <summary>The ids that end a generation, from <c>generation_config.json</c> or <c>config.json</c>.</summary>
    public IReadOnlyList<int> EosTokenIds { get; init; } = [];

    /// <summary>The whole <c>config.json</c>, written back unchanged on export.</summary>
    public required JsonObject Source { get; init; }
}

/// <summary>Rotary position embedding settings (RoFormer, arXiv 2104.09864).</summary>
/// <param name="Theta">The base of the frequencies.</param>
/// <param name="Llama3">Llama 3's stretching of long wavelengths, or null.</param>
/// <param name="LinearFactor">Divides every position (linear scaling); 1 leaves them as they are.</param>
internal sealed record RopeConfig(double Theta, Llama3RopeScaling? Llama3 = null, double LinearFactor = 1);

/// <summary>
/// Llama 3's rope scaling: wavelengths longer than <c>OriginalMaxPositionEmbeddings / LowFreqFactor</c> are stretched by <c>Factor</c>,
/// those shorter than <c>OriginalMaxPositionEmbeddings / HighFreqFactor</c> are kept, and between the two it is interpolated.
/// </summary>
/// <param name="Factor">How many times longer the low frequencies' wavelengths become.</param>
/// <param name="LowFreqFactor">Sets the wavelength above which a frequency is fully stretched.</param>
/// <param name="HighFreqFactor">Sets the wavelength below which a frequency is kept.</param>
/// <param name="OriginalMaxPositionEmbeddings">The context length before stretching, in tokens.</param>
internal sealed record Llama3RopeScaling(double Factor, double LowFreqFactor, double HighFreqFactor, int OriginalMaxPositionEmbeddings);
