namespace MLNet.Dpo.Models;

/// <summary>
/// A model family: it knows the names of its weights and which components stand where. One that reads settings of its own beside
/// <see cref="DecoderConfig"/> holds them, as a record, so that equal configurations are equal.
/// </summary>
internal interface IArchitecture
{
    /// <summary>Loads the weights and puts the components together.</summary>
    ModelParts Build(DecoderConfig config, ModelBuilder builder);
}

/// <summary>What a decoder-only model is made of, in the order in which rows pass through it.</summary>
/// <param name="Embedding">Token ids to rows of the residual stream.</param>
/// <param name="Layers">The decoder layers.</param>
/// <param name="Norm">The norm behind the last layer.</param>
/// <param name="Head">The language-model head.</param>
internal sealed record ModelParts(IEmbedding Embedding, IReadOnlyList<IDecoderModule> Layers, INorm Norm, LanguageModelHead Head);
