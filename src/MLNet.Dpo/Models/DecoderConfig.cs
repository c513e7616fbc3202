using System.Text.Json.Nodes;

namespace MLNet.Dpo.Models;

/// <summary>
/// What a decoder-only transformer looks like, in Hugging Face's names. An architecture (see <c>Models/Architectures</c>) reads it from
/// <c>config.json</c> and builds the model from it; what only one family knows is in <see cref="Architecture"/>.
/// </summary>
internal sealed record DecoderConfig
{
    /// <summary>The architecture's name in <c>config.json</c>, for example <c>llama</c>.</summary>
    public required string ModelType { get; init; }

    /// <summary>The family, with the settings that only it has.</summary>
    public required IArchitecture Architecture { get; init; }

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

    /// <summary>The epsilon under the root of every norm.</summary>
    public required double NormEps { get; init; }

    /// <summary>The MLP's nonlinearity, by transformers' name.</summary>
    public required string Activation { get; init; }

    /// <summary>How positions are turned into rotations; null where they are learned embeddings.</summary>
    public required RopeConfig? Rope { get; init; }

    /// <summary>
    /// The length at which a generation forgets its keys and values and runs its sequence anew (Phi-3's LongRoPE, whose long factors count from there on for all tokens); null: it never does.
    /// </summary>
    public int? RecomputeLength { get; init; }

    /// <summary>The routers' auxiliary loss of a training; null: there is none.</summary>
    public RouterLoss? RouterLoss { get; init; }

    /// <summary>Whether the norms' weights are stored minus 1 (Gemma).</summary>
    public bool NormsAreOffsets { get; init; }

    /// <summary>The standard deviation of a fresh model's matrices.</summary>
    public double InitializerRange { get; init; } = 0.02;

    /// <summary>Whether the language-model head is the embedding matrix.</summary>
    public bool TieWordEmbeddings { get; init; }

    /// <summary>The longest sequence that the model was made for, in tokens.</summary>
    public int MaxPositionEmbeddings { get; init; }

    /// <summary>The ids that end a generation, from <c>generation_config.json</c> or <c>config.json</c>.</summary>
    public IReadOnlyList<int> EosTokenIds { get; init; } = [];

    /// <summary>The whole <c>config.json</c>, written back unchanged on export.</summary>
    public required JsonObject Source { get; init; }
}
