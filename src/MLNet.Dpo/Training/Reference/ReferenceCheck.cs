using MLNet.Dpo.DataViews;
using MLNet.Dpo.Saving;

namespace MLNet.Dpo.Training.Reference;

/// <summary>Whether a reference model of one's own reads the same tokens as the policy.</summary>
internal static class ReferenceCheck
{
    private const string TokenizerName = "tokenizer.json";

    /// <summary>Checks it by its tokenizer or, where its folder has none, by the size of its vocabulary; before any model is loaded.</summary>
    /// <exception cref="ArgumentException">It reads other tokens.</exception>
    internal static void SameTokens(TrainingOptions options, ChatTokenizer tokenizer)
    {
        if (options.ReferenceFolder is not { } folder) return;
        if (!OpenedWeights.IsThere(folder)) throw new DirectoryNotFoundException($"ReferenceModel is '{folder}', which is not there; give a Hugging Face model folder, or null for the policy before training.");
        var (own, policy) = (OpenedWeights.ReadConfig(folder).VocabSize, OpenedWeights.ReadConfig(options.BaseModel).VocabSize);
        if (File.Exists(Path.Combine(folder, TokenizerName)))
        {
            // Vocabularies are padded to different sizes over one tokenizer.
            if (!tokenizer.SameVocabularyAs(new ChatTokenizer(ModelTokenizer.Load(folder))))
                throw new ArgumentException($"ReferenceModel is '{folder}', whose {TokenizerName} is not the one that the rows were tokenised with; its log-probabilities would be of other texts, so give a reference model of the same tokenizer.");
        }
        else if (own != policy)
        {
            throw new ArgumentException($"ReferenceModel is '{folder}', which has a vocabulary of {own} and no {TokenizerName}; {options.BaseModel} has {policy}, so give a reference model of the same tokenizer.");
        }
    }
}
