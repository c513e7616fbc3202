using Microsoft.ML;
using MLNet.Dpo.DataViews;
using MLNet.Dpo.Saving;

namespace MLNet.Dpo.Training;

/// <summary>Where a training set's tokens come from: what decodes them, and what makes a validation set's tokens in the same way.</summary>
internal static class TokenSource
{
    /// <summary>The tokenizer that made the tokens; where the columns do not say, that of the options or the base model.</summary>
    /// <exception cref="ArgumentException">The options name another tokenizer than the one that made the tokens.</exception>
    internal static ChatTokenizer Tokenizer(IDataView train, TrainingOptions options)
    {
        var maker = TokenizedBy.Find(train.Schema)?.ChatTokenizer;
        if (maker is not null && options.Tokenizer is null) return maker;
        var named = new ChatTokenizer(ModelTokenizer.Load(options.Tokenizer ?? options.BaseModel));
        if (maker is not null && !maker.SameVocabularyAs(named))
            throw new ArgumentException($"Tokenizer is {options.Tokenizer}, but the training rows were tokenised by another; leave Tokenizer out, or give it to ml.Preferences.Tokenize too.");
        return maker ?? named;
    }

    /// <summary>The validation set with token columns, whether it is given to Fit or in the options, as raw rows or tokenised; null where there is none.</summary>
    /// <exception cref="ArgumentException">There are two of them, or there is none that evaluations could use, or its tokens were made in another way.</exception>
    internal static IDataView? Validation(IDataView train, IDataView? given, TrainingOptions options)
    {
        if (given is not null && options.ValidationSet is not null)
            throw new ArgumentException("There is validation data in the options (ValidationSet) and as Fit's second argument; give only one of them.");
        var validation = given ?? options.ValidationSet;
        if (validation is null && options.EvalSteps > 0)
            throw new ArgumentException($"EvalSteps is {options.EvalSteps}, but there is no validation data; give it as ValidationSet or as Fit's second argument, or leave EvalSteps 0.");
        if (validation is null && options.TracksBest)
            throw new ArgumentException("MetricForBestModel, LoadBestModelAtEnd or EarlyStoppingPatience is set, but there is no validation data to compare evaluations on; give it as ValidationSet or as Fit's second argument, or leave them out.");
        if (validation is null) return null;
        var maker = TokenizedBy.Find(train.Schema);
        if (validation.Schema.GetColumnOrNull(ColumnNames.PromptTokens) is null)
        {
            return maker?.Transform(validation) ?? throw new ArgumentException(
                "The validation data is not tokenised, and the training columns do not say how they were (they were read from a file, say); give ml.Preferences.Tokenize(...).Fit(data).Transform(validation).");
        }
        if (maker is not null && TokenizedBy.Find(validation.Schema) is { } other && !maker.TokenizesAs(other))
            throw new ArgumentException("The validation data was tokenised by another tokenizer or chat template than the training data; give its raw rows, or tokenise both with one fitted ml.Preferences.Tokenize(...).");
        return validation;
    }
}
