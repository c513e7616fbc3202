using Microsoft.ML;
using MLNet.Dpo.Checks;
using MLNet.Dpo.DataViews;
using MLNet.Dpo.Experiments;

namespace MLNet.Dpo;

public sealed partial class PreferencesCatalog
{
    /// <summary>
    /// Trains once for each fold on the other folds and evaluates on it, for a measure that does not hang on one split. All rows of a prompt are in the same fold, so that no model is judged on a prompt that it was trained on.
    /// </summary>
    /// <param name="estimator">Tokenising and a trainer that gives rewards. A trainer with an OutputDirectory needs one for each fold: the overload with a function.</param>
    /// <param name="data">Preference data as text columns. It is read once to deal out the prompts, and then by every fold.</param>
    /// <param name="folds">How many; 2 or more, no more than there are prompts.</param>
    /// <param name="seed">Another number deals out the prompts otherwise.</param>
    /// <returns>The metrics of each fold, their means and deviations; printed, a table.</returns>
    /// <exception cref="ArgumentException">folds is below 2, or a column is missing.</exception>
    /// <exception cref="PreferenceDataException">There are fewer prompts than folds.</exception>
    /// <example><code>
    /// var pipeline = ml.Preferences.Tokenize("models/tiny-chat").Append(ml.Preferences.Trainers.Dpo("models/tiny-chat"));
    /// Console.WriteLine(ml.Preferences.CrossValidate(pipeline, pairs, folds: 5));
    /// </code></example>
    public PreferenceCrossValidation CrossValidate<TModel>(IEstimator<TModel> estimator, IDataView data, int folds = 5, int seed = 0) where TModel : class, ITransformer
    {
        ArgumentNullException.ThrowIfNull(estimator);
        return CrossValidate(_ => estimator, data, folds, seed);
    }

    /// <summary>The same, with an estimator for each fold.</summary>
    /// <inheritdoc cref="CrossValidate{TModel}(IEstimator{TModel}, IDataView, int, int)"/>
    /// <param name="estimator">Gives the estimator of a fold, from 0.</param>
    /// <param name="data">Preference data as text columns.</param>
    /// <param name="folds">How many; 2 or more, no more than there are prompts.</param>
    /// <param name="seed">Another number deals out the prompts otherwise.</param>
    public PreferenceCrossValidation CrossValidate<TModel>(Func<int, IEstimator<TModel>> estimator, IDataView data, int folds = 5, int seed = 0) where TModel : class, ITransformer
    {
        ArgumentNullException.ThrowIfNull(estimator);
        ArgumentNullException.ThrowIfNull(data);
        OptionCheck.AtLeast(folds, 2, nameof(folds));
        var dealt = PromptFolds.Deal(data, folds, seed);
        return new PreferenceCrossValidation([.. Enumerable.Range(0, folds).Select(fold => Fold(estimator(fold), data, dealt, fold))]);
    }

    private PreferenceFold Fold<TModel>(IEstimator<TModel> estimator, IDataView data, PromptFolds folds, int fold) where TModel : class, ITransformer
    {
        var marked = new MappedDataView(new FoldRowMap(data.Schema, folds, fold), data);
        var model = estimator.Fit(_ml.Data.FilterRowsByColumn(marked, FoldRowMap.Column, upperBound: 0.5));
        using var network = PipelineParts.Find<CausalLMTransformer>(model);
        var metrics = Evaluate(Score(model, _ml.Data.FilterRowsByColumn(marked, FoldRowMap.Column, lowerBound: 0.5)));
        return new PreferenceFold(fold, metrics, folds.Rows.Sum() - folds.Rows[fold], folds.Rows[fold], folds.PromptsOf(fold));
    }
}
